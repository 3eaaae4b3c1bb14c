/* SPDX-License-Identifier: MIT */
#include "root/seccomp.h"

#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>

#define PROFILE "/usr/share/containers/seccomp.json"
#define EPERM_  1
#define ENOSYS_ 38
/* CLONE_NEW* of namespaces: the first argument of clone must have none of them. */
#define NEW_NAMESPACES 0x7E020000

/*
 * What the distribution's profile allows and an app has no use for: the ways to a new
 * namespace or mount, where a capability of its own would be within reach.
 */
static const char *const refused[] = {
	"unshare",           "setns",           "mount",      "umount",
	"umount2",           "pivot_root",      "keyctl",     "add_key",
	"request_key",       "open_tree",       "move_mount", "fsopen",
	"fsconfig",          "fsmount",         "fspick",     "mount_setattr",
	"open_by_handle_at", "userfaultfd",     "bpf",        "perf_event_open",
	"kexec_load",        "kexec_file_load", NULL
};

/* Programs try these and fall back when they are not there. */
static const char *const absent[] = { "clone3", "io_uring_setup", "io_uring_enter",
				      "io_uring_register", NULL };

static bool has(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static const char *arch(void)
{
	static struct utsname u;

	(void)uname(&u);
	if (strcmp(u.machine, "x86_64") == 0)
		return "amd64";
	return strcmp(u.machine, "aarch64") == 0 ? "arm64" : u.machine;
}

static bool names_arch(const json_t *list)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		const char *s = json_string_value(v);

		if (s && strcmp(s, arch()) == 0)
			return true;
	}
	return false;
}

/* How many of the list's capabilities we have. */
static size_t caps_held(const json_t *list, const char *const *caps)
{
	size_t n = 0;
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		const char *s = json_string_value(v);

		n += s && has(caps, s);
	}
	return n;
}

static bool applies(const json_t *rule, const char *const *caps)
{
	const json_t *in = json_object_get(rule, "includes");
	const json_t *ex = json_object_get(rule, "excludes");
	const json_t *in_caps = json_object_get(in, "caps");
	const json_t *in_arches = json_object_get(in, "arches");

	if (json_array_size(in_arches) && !names_arch(in_arches))
		return false;
	if (names_arch(json_object_get(ex, "arches")))
		return false;
	return caps_held(in_caps, caps) == json_array_size(in_caps) &&
	       caps_held(json_object_get(ex, "caps"), caps) == 0;
}

/* The names that are left to the profile's own rules. */
static json_t *kept_names(const json_t *names)
{
	json_t *out = json_array();
	json_t *v;
	size_t i;

	json_array_foreach(names, i, v) {
		const char *s = json_string_value(v);

		if (s && !has(refused, s) && !has(absent, s) && strcmp(s, "clone") != 0)
			(void)json_array_append(out, v);
	}
	return out;
}

static void add_rule(json_t *to, const json_t *rule)
{
	static const char *const kept[] = { "action", "args", "errnoRet" };
	json_t *names = kept_names(json_object_get(rule, "names"));
	json_t *one;

	if (!json_array_size(names)) {
		json_decref(names);
		return;
	}
	one = json_pack("{s:o}", "names", names);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		json_t *v = json_object_get(rule, kept[i]);

		if (v && !json_is_null(v))
			(void)json_object_set(one, kept[i], v);
	}
	(void)json_array_append_new(to, one);
}

static void add_errno(json_t *to, const char *const *list, int number)
{
	json_t *names = json_array();

	for (; *list; list++)
		(void)json_array_append_new(names, json_string(*list));
	(void)json_array_append_new(to,
				    json_pack("{s:o, s:s, s:i}", "names", names, "action",
					      "SCMP_ACT_ERRNO", "errnoRet", number));
}

static json_t *architectures(const json_t *map)
{
	const char *mine = strcmp(arch(), "arm64") == 0 ? "SCMP_ARCH_AARCH64"
							: "SCMP_ARCH_X86_64";
	json_t *out = json_pack("[s]", mine);
	json_t *v;
	size_t i;

	json_array_foreach(map, i, v) {
		const char *s = json_string_value(json_object_get(v, "architecture"));

		if (s && strcmp(s, mine) == 0)
			(void)json_array_extend(out,
						json_object_get(v, "subArchitectures"));
	}
	return out;
}

json_t *seccomp_convert(const json_t *profile, const char *const *caps)
{
	json_t *rules = json_array();
	json_t *rule;
	size_t i;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule) {
		if (applies(rule, caps))
			add_rule(rules, rule);
	}
	add_errno(rules, refused, EPERM_);
	add_errno(rules, absent, ENOSYS_);
	(void)json_array_append_new(
		rules, json_pack("{s:[s], s:s, s:[{s:i, s:I, s:I, s:s}]}", "names",
				 "clone", "action", "SCMP_ACT_ALLOW", "args", "index", 0,
				 "value", (json_int_t)NEW_NAMESPACES, "valueTwo",
				 (json_int_t)0, "op", "SCMP_CMP_MASKED_EQ"));
	return json_pack("{s:s, s:i, s:o, s:o}", "defaultAction", "SCMP_ACT_ERRNO",
			 "defaultErrnoRet", ENOSYS_, "architectures",
			 architectures(json_object_get(profile, "archMap")), "syscalls",
			 rules);
}

int seccomp_load(const char *const *caps, json_t **out, struct err *err)
{
	json_error_t why;
	json_t *profile = json_load_file(PROFILE, 0, &why);

	if (!json_is_object(profile)) {
		json_decref(profile);
		(void)err_set(err, ERR_HOST, "%s: %s", PROFILE, why.text);
		return err_hint(err, "apt-get install golang-github-containers-common");
	}
	*out = seccomp_convert(profile, caps);
	json_decref(profile);
	return 0;
}
