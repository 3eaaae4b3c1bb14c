/* SPDX-License-Identifier: MIT */
#include "root/policy.h"

#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include "root/request.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/yaml.h"

#define FILE_PATH DAVIT_ETC_DIR "/davit.yml"
#define GIB       ((int64_t)1 << 30)
#define MIB       ((int64_t)1 << 20)

static struct policy in_force;
static bool loaded;

/* A key of a mapping, and where its number goes. */
struct number {
	const char *key;
	size_t offset;
};

static const struct number limit_numbers[] = {
	{ "memory", offsetof(struct policy_limits, memory) },
	{ "swap", offsetof(struct policy_limits, swap) },
	{ "disk", offsetof(struct policy_limits, disk) },
	{ "cpu", offsetof(struct policy_limits, cpu) },
	{ "pids", offsetof(struct policy_limits, pids) },
	{ NULL, 0 },
};

static const struct number unpack_numbers[] = {
	{ "bytes", offsetof(struct policy, unpack_bytes) },
	{ "entries", offsetof(struct policy, unpack_entries) },
	{ NULL, 0 },
};

void policy_defaults(struct policy *p)
{
	struct sysinfo si = { .mem_unit = 1 };
	int64_t ram;

	(void)sysinfo(&si);
	ram = (int64_t)si.totalram * si.mem_unit;
	/* A build may not take what the running apps and the host need. */
	int64_t build = ram / 4 * 3 < 4 * GIB ? ram / 4 * 3 : 4 * GIB;

	if (build < 256 * MIB)
		build = 256 * MIB;
	*p = (struct policy){
		.limits = {
			[PROFILE_APP] = { .memory = GIB, .swap = 0, .disk = GIB,
					  .cpu = 0, .pids = 1024 },
			[PROFILE_BUILD] = { .memory = build, .swap = 0, .disk = 8 * GIB,
					    .cpu = 0, .pids = 2048 },
			[PROFILE_PACKAGE] = { .memory = build, .swap = 0,
					      .disk = 8 * GIB, .cpu = 0, .pids = 2048 },
		},
		.max = { .memory = INT64_MAX, .swap = INT64_MAX, .disk = 1024 * GIB,
			 .cpu = 1000000, .pids = 1 << 20 },
		.unpack_bytes = 16 * GIB,
		.unpack_entries = 2000000,
		.mounts = STRV_INIT,
	};
}

bool policy_size(const char *text, int64_t *out)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	long long n;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno)
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (*end && (!unit || end[1]))
		return false;
	for (const char *u = units; unit && u <= unit; u++) {
		if (n > INT64_MAX / 1024)
			return false;
		n *= 1024;
	}
	*out = n;
	return true;
}

static int bad(struct err *err, const char *key, const char *what)
{
	return err_set(err, ERR_USAGE, "%s: %s", key, what);
}

static int take_numbers(const json_t *map, const struct number *numbers, void *to,
			struct err *err)
{
	const char *key;
	json_t *v;

	if (!json_is_object(map))
		return bad(err, "a section", "not a mapping");
	json_object_foreach((json_t *)map, key, v) {
		const struct number *n = numbers;
		int64_t got = json_is_integer(v) ? json_integer_value(v) : -1;

		while (n->key && strcmp(n->key, key) != 0)
			n++;
		if (!n->key)
			return bad(err, key, "no such setting");
		if (json_is_string(v) && !policy_size(json_string_value(v), &got))
			got = -1;
		if (got < 0)
			return bad(err, key, "not a number, or a size like 512M");
		memcpy((char *)to + n->offset, &got, sizeof got);
	}
	return 0;
}

static int take_limits(const json_t *map, struct policy *p, struct err *err)
{
	static const char *const names[] = { [PROFILE_APP] = "app",
					     [PROFILE_BUILD] = "build",
					     [PROFILE_PACKAGE] = "package" };
	const char *key;
	json_t *v;

	if (!json_is_object(map))
		return bad(err, "limits", "not a mapping");
	json_object_foreach((json_t *)map, key, v) {
		struct policy_limits *to = strcmp(key, "max") == 0 ? &p->max : NULL;

		for (int i = 0; i < PROFILE_COUNT; i++)
			if (strcmp(names[i], key) == 0)
				to = &p->limits[i];
		if (!to)
			return bad(err, key,
				   "no such profile: app, build, package or max");
		if (take_numbers(v, limit_numbers, to, err) < 0)
			return err_context(err, "limits: %s", key);
	}
	return 0;
}

static int take_mounts(const json_t *list, struct policy *p, struct err *err)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		if (!json_is_string(v) || !request_path_ok(json_string_value(v)) ||
		    strcmp(json_string_value(v), "/") == 0)
			return bad(err, "mounts", "not an absolute path");
		strv_add(&p->mounts, json_string_value(v));
	}
	return json_is_array(list) ? 0 : bad(err, "mounts", "not a list");
}

static int take_network(const json_t *map, struct policy *p, struct err *err)
{
	const json_t *v = json_object_get(map, "subnet");

	if (!json_is_string(v) || json_object_size(map) != 1 ||
	    json_string_length(v) >= sizeof p->subnet)
		return bad(err, "network", "only subnet: ADDRESS/BITS is known");
	(void)snprintf(p->subnet, sizeof p->subnet, "%s", json_string_value(v));
	return 0;
}

static int take(const char *key, const json_t *v, struct policy *p, struct err *err)
{
	if (strcmp(key, "limits") == 0)
		return take_limits(v, p, err);
	if (strcmp(key, "unpack") == 0)
		return take_numbers(v, unpack_numbers, p, err);
	if (strcmp(key, "mounts") == 0)
		return take_mounts(v, p, err);
	if (strcmp(key, "network") == 0)
		return take_network(v, p, err);
	return 0; /* settings of the unprivileged part */
}

int policy_parse(const char *text, struct policy *p, struct err *err)
{
	json_t *root = NULL;
	const char *key;
	json_t *v;
	int rc = 0;

	if (yaml_parse(text, strlen(text), &root, err) < 0)
		return -1;
	if (!json_is_object(root))
		rc = err_set(err, ERR_USAGE, "not a mapping");
	json_object_foreach(root, key, v) {
		if (rc == 0)
			rc = take(key, v, p, err);
	}
	json_decref(root);
	return rc;
}

const struct policy *policy(void)
{
	if (!loaded)
		policy_defaults(&in_force);
	loaded = true;
	return &in_force;
}

int policy_load(struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct stat st;

	(void)policy();
	if (lstat(FILE_PATH, &st) < 0)
		return 0;
	if (st.st_uid != 0 || (st.st_mode & 022)) {
		(void)err_set(err, ERR_HOST, "%s is not root's alone to write",
			      FILE_PATH);
		return err_hint(err, "chown root %s; chmod 644 %s", FILE_PATH, FILE_PATH);
	}
	if (fs_read(FILE_PATH, MIB, &text, err) < 0)
		return -1;
	if (policy_parse(text.data, &in_force, err) < 0) {
		(void)err_context(err, "%s", FILE_PATH);
		return err_hint(err, "edit %s", FILE_PATH);
	}
	return 0;
}

const char *policy_mount_root(const char *path)
{
	strv_foreach(root, &policy()->mounts) {
		size_t n = strlen(root);

		if (strncmp(path, root, n) == 0 && (!path[n] || path[n] == '/'))
			return root;
	}
	return NULL;
}
