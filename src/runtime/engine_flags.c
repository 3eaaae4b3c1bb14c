/* SPDX-License-Identifier: MIT */
#include "runtime/engine_flags.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine_options.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"

#define BYTES_MAX (1LL << 50)

typedef int apply_fn(const char *flag, const char *value, json_t *spec, struct err *err);

struct engine_flag {
	const char *name;
	const char *letter; /* "-m", or NULL */
	bool value;
	apply_fn *apply;     /* NULL: no effect */
	const char *instead; /* for those: what to do */
};

static int bad(const char *flag, const char *value, const char *want, struct err *err)
{
	return err_set(err, ERR_USAGE, "%s takes %s, not '%.200s'", flag, want, value);
}

/* As an engine reads it: a bare number is bytes. */
static int64_t bytes_of(const char *text)
{
	static const char units[] = "bkmgt";
	const char *unit;
	char *end;
	double n;

	if (!isdigit((unsigned char)text[0]) || strpbrk(text, "xXeEpP"))
		return -1;
	n = strtod(text, &end);
	unit = *end ? strchr(units, tolower((unsigned char)*end)) : units;
	if (!unit || !*unit || (*end && end[1] && strcasecmp(end + 1, "b") != 0))
		return -1;
	for (; unit > units; unit--)
		n *= 1024;
	return n < (double)BYTES_MAX ? (int64_t)n : -1;
}

static json_t *member(json_t *spec, const char *name, json_t *fresh)
{
	json_t *got = json_object_get(spec, name);

	if (got) {
		json_decref(fresh);
		return got;
	}
	(void)json_object_set_new(spec, name, fresh);
	return fresh;
}

static int set_size(const char *flag, const char *value, json_t *spec, struct err *err)
{
	int64_t n = bytes_of(value);

	if (n <= 0)
		return bad(flag, value, "a size such as 512m", err);
	(void)json_object_set_new(spec,
				  strcmp(flag, "--shm-size") == 0 ? "shm" : "memory",
				  json_integer(n));
	return 0;
}

/* Memory and swap together. */
static int set_swap(const char *flag, const char *value, json_t *spec, struct err *err)
{
	int64_t total = bytes_of(value);
	int64_t memory = json_integer_value(json_object_get(spec, "memory"));

	if (strcmp(value, "-1") == 0)
		total = BYTES_MAX;
	if (total <= 0)
		return bad(flag, value, "a size such as 1g", err);
	if (memory > 0 && total > memory)
		(void)json_object_set_new(spec, "swap", json_integer(total - memory));
	return 0;
}

static int set_cpus(const char *flag, const char *value, json_t *spec, struct err *err)
{
	char *end;
	double n = strtod(value, &end);

	if (!isdigit((unsigned char)value[0]) || *end || n < 0.01 || n > 1024)
		return bad(flag, value, "a number of cores such as 0.5", err);
	(void)json_object_set_new(spec, "cpu", json_integer((json_int_t)(n * 1000)));
	return 0;
}

static int set_pids(const char *flag, const char *value, json_t *spec, struct err *err)
{
	long n;

	if (!name_to_int(value, 1, 1L << 22, &n))
		return bad(flag, value, "a number of processes", err);
	(void)json_object_set_new(spec, "pids", json_integer(n));
	return 0;
}

/* A name stands once; the last one counts. */
static int set_env(const char *flag, const char *value, json_t *spec, struct err *err)
{
	json_t *list = member(spec, "env", json_array());
	const char *equals = strchr(value, '=');
	AUTO_FREE char *key = equals ? xstrndup(value, (size_t)(equals - value)) : NULL;
	json_t *item;
	size_t i;

	if (!key || !name_is_env(key))
		return bad(flag, value, "NAME=value", err);
	json_array_foreach(list, i, item)
		if (strncmp(json_string_value(item), value, strlen(key) + 1) == 0) {
			(void)json_array_remove(list, i);
			break;
		}
	(void)json_array_append_new(list, json_string(value));
	return 0;
}

static bool limit_of(const char *text, json_int_t *n)
{
	long got;

	if (strcmp(text, "-1") == 0 || strcmp(text, "unlimited") == 0)
		*n = -1;
	else if (name_to_int(text, 0, 1L << 50, &got))
		*n = got;
	else
		return false;
	return true;
}

static int set_ulimit(const char *flag, const char *value, json_t *spec, struct err *err)
{
	static const char *const known = " as core cpu data fsize locks memlock msgqueue "
					 "nofile nproc rss sigpending stack ";
	AUTO(strv_release) struct strv part = STRV_INIT;
	AUTO_FREE char *spaced = NULL;
	json_int_t soft;
	json_int_t hard;

	strv_split(&part, value, "=:");
	spaced = xasprintf(" %s ", part.len ? part.v[0] : "");
	if (part.len < 2 || part.len > 3 || !strstr(known, spaced) ||
	    !limit_of(part.v[1], &soft) || !limit_of(part.v[part.len - 1], &hard) ||
	    (hard >= 0 && (soft < 0 || soft > hard)))
		return bad(flag, value, "NAME=soft:hard such as nofile=1024:4096", err);
	(void)json_object_set_new(member(spec, "ulimits", json_object()), part.v[0],
				  json_pack("[I, I]", soft, hard));
	return 0;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	       inet_pton(AF_INET6, text, bytes) == 1;
}

static int add_host(const char *flag, const char *value, json_t *spec, struct err *err)
{
	size_t n = strcspn(value, ":=");
	AUTO_FREE char *name = xstrndup(value, n);
	const char *address = value[n] ? value + n + 1 : "";

	if (name[0] == '*' || !name_is_domain(name) || !is_address(address))
		return bad(flag, value, "name:address", err);
	(void)json_array_append_new(member(spec, "hosts", json_array()),
				    json_sprintf("%s %s", address, name));
	return 0;
}

static int add_dns(const char *flag, const char *value, json_t *spec, struct err *err)
{
	json_t *list = member(spec, "dns", json_array());

	if (!is_address(value))
		return bad(flag, value, "an address", err);
	if (json_array_size(list) < 3)
		(void)json_array_append_new(list, json_string(value));
	return 0;
}

static int add_tmpfs(const char *flag, const char *value, json_t *spec, struct err *err)
{
	AUTO(strv_release) struct strv options = STRV_INIT;
	size_t n = strcspn(value, ":");
	AUTO_FREE char *target = xstrndup(value, n);
	int64_t size = 0;

	if (storage_check_target(target, err) < 0)
		return -1;
	strv_split(&options, value + n, ":,");
	strv_foreach(o, &options)
		if (strncmp(o, "size=", 5) == 0)
			size = bytes_of(o + 5);
	if (size < 0)
		return bad(flag, value, "/path:size=64m", err);
	(void)json_array_append_new(member(spec, "mounts", json_array()),
				    json_pack("{s:s, s:s, s:I, s:b}", "kind", "tmpfs",
					      "target", target, "size", (json_int_t)size,
					      "readonly",
					      strv_find(&options, "ro") >= 0));
	return 0;
}

static int mount(const char *host, const char *target, bool readonly, json_t *spec,
		 struct err *err)
{
	AUTO(storage_place_release) struct storage_place p = { .name = NULL };

	if (storage_check_target(target, err) < 0 || storage_place_of(host, &p, err) < 0)
		return -1;
	(void)json_array_append_new(member(spec, "mounts", json_array()),
				    storage_mount(&p, target, readonly));
	return 0;
}

/* host:target[:options]; a target alone is a place to write, which every path is. */
static int add_volume(const char *flag, const char *value, json_t *spec, struct err *err)
{
	AUTO(strv_release) struct strv part = STRV_INIT;
	AUTO(strv_release) struct strv options = STRV_INIT;

	strv_split(&part, value, ":");
	if (part.len == 1)
		return storage_check_target(part.v[0], err);
	if (part.len < 1 || part.len > 3)
		return bad(flag, value, "host:target[:ro]", err);
	if (part.len == 3)
		strv_split(&options, part.v[2], ",");
	return mount(part.v[0], part.v[1], strv_find(&options, "ro") >= 0, spec, err);
}

/* "source=/a,target=/b,readonly": the value of the first of these keys, or "". */
static const char *field(const struct strv *fields, const char *const *keys)
{
	strv_foreach(f, fields)
		for (const char *const *k = keys; *k; k++) {
			size_t n = strlen(*k);

			if (strncmp(f, *k, n) == 0 && (f[n] == '=' || !f[n]))
				return f[n] ? f + n + 1 : "true";
		}
	return "";
}

#define KEYS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int add_mount(const char *flag, const char *value, json_t *spec, struct err *err)
{
	AUTO(strv_release) struct strv fields = STRV_INIT;
	AUTO_FREE char *sized = NULL;
	const char *target;
	const char *readonly;
	const char *type;

	strv_split(&fields, value, ",");
	target = field(&fields, KEYS("target", "dst", "destination"));
	readonly = field(&fields, KEYS("readonly", "ro"));
	type = field(&fields, KEYS("type"));
	if (strcmp(type, "tmpfs") == 0) {
		const char *size = field(&fields, KEYS("tmpfs-size"));

		sized = xasprintf("%s%s%s", target, *size ? ":size=" : "", size);
		return add_tmpfs(flag, sized, spec, err);
	}
	if (*type && strcmp(type, "bind") != 0 && strcmp(type, "volume") != 0)
		return bad(flag, value, "type=bind, volume or tmpfs", err);
	return mount(field(&fields, KEYS("source", "src")), target,
		     *readonly && strcmp(readonly, "false") != 0, spec, err);
}

static int set_user(const char *flag, const char *value, json_t *spec, struct err *err)
{
	AUTO_FREE char *user = xstrndup(value, strcspn(value, ":"));
	long uid;

	if (!name_to_int(user, 0, 65535, &uid))
		return bad(flag, value, "a number: names are known only inside", err);
	(void)json_object_set_new(spec, "uid", json_integer(uid));
	return 0;
}

static int set_workdir(const char *flag, const char *value, json_t *spec, struct err *err)
{
	(void)flag;
	if (strcmp(value, "/") != 0 && storage_check_target(value, err) < 0)
		return -1;
	(void)json_object_set_new(spec, "cwd", json_string(value));
	return 0;
}

static int set_entrypoint(const char *flag, const char *value, json_t *spec,
			  struct err *err)
{
	if (!*value)
		return bad(flag, value, "a program", err);
	(void)json_array_insert_new(member(spec, "argv", json_array()), 0,
				    json_string(value));
	return 0;
}

static int set_hostname(const char *flag, const char *value, json_t *spec,
			struct err *err)
{
	if (!name_is_domain(value) || value[0] == '*' || strlen(value) > 63)
		return bad(flag, value, "a host name", err);
	(void)json_object_set_new(spec, "hostname", json_string(value));
	return 0;
}

/* Every container has these already: an init, no capability, no new privileges. */
static int already(const char *flag, const char *value, json_t *spec, struct err *err)
{
	(void)flag;
	(void)value;
	(void)spec;
	(void)err;
	return 0;
}

static const struct engine_flag flags[] = {
	{ "--add-host", NULL, true, add_host, NULL },
	{ "--build-arg", NULL, true, NULL, "davit config:set gives builds variables" },
	{ "--cap-add", NULL, true, NULL, "containers have no capability" },
	{ "--cap-drop", NULL, true, already, NULL },
	{ "--cpus", NULL, true, set_cpus, NULL },
	{ "--device", NULL, true, NULL, "devices of the host are not given to apps" },
	{ "--dns", NULL, true, add_dns, NULL },
	{ "--entrypoint", NULL, true, set_entrypoint, NULL },
	{ "--env", "-e", true, set_env, NULL },
	{ "--env-file", NULL, true, NULL, "davit config:import reads a file" },
	{ "--gpus", NULL, true, NULL, "devices of the host are not given to apps" },
	{ "--hostname", "-h", true, set_hostname, NULL },
	{ "--init", NULL, false, already, NULL },
	{ "--label", "-l", true, NULL, "there is no container engine that reads labels" },
	{ "--link", NULL, true, NULL, "use an address: davit config:set, or --add-host" },
	{ "--log-driver", NULL, true, NULL, "davit logs keeps what apps print" },
	{ "--log-opt", NULL, true, NULL, "davit logs:set max-size bounds logs" },
	{ "--memory", "-m", true, set_size, NULL },
	{ "--memory-swap", NULL, true, set_swap, NULL },
	{ "--mount", NULL, true, add_mount, NULL },
	{ "--name", NULL, true, NULL, "containers are named after the app" },
	{ "--network", "--net", true, NULL, "every app has a network of its own" },
	{ "--pids-limit", NULL, true, set_pids, NULL },
	{ "--privileged", NULL, false, NULL, "containers are never privileged" },
	{ "--publish", "-p", true, NULL, "davit ports:add maps a port" },
	{ "--restart", NULL, true, NULL, "davit ps:set restart-policy" },
	{ "--rm", NULL, false, already, NULL },
	{ "--security-opt", NULL, true, NULL, "the profile of containers is fixed" },
	{ "--shm-size", NULL, true, set_size, NULL },
	{ "--tmpfs", NULL, true, add_tmpfs, NULL },
	{ "--ulimit", NULL, true, set_ulimit, NULL },
	{ "--user", "-u", true, set_user, NULL },
	{ "--volume", "-v", true, add_volume, NULL },
	{ "--workdir", "-w", true, set_workdir, NULL },
};

static const struct engine_flag *find(const char *word)
{
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		const struct engine_flag *f = &flags[i];

		if ((strlen(f->name) == n && strncmp(f->name, word, n) == 0) ||
		    (f->letter && strlen(f->letter) == n &&
		     strncmp(f->letter, word, n) == 0))
			return f;
	}
	return NULL;
}

bool engine_flag_wants_value(const char *word)
{
	const struct engine_flag *f = find(word);

	return f && f->value && !strchr(word, '=');
}

bool engine_flag_is_known(const char *word)
{
	return find(word) != NULL;
}

int engine_flag_apply(const char *flag, const char *value, json_t *spec,
		      const char **instead, struct err *err)
{
	const struct engine_flag *f = find(flag);

	*instead = NULL;
	if (!f || !f->apply) {
		*instead = f ? f->instead : "it is kept and reported";
		return ENGINE_OPTION_IDLE;
	}
	if (f->value && !value)
		return err_set(err, ERR_USAGE, "%s needs a value", flag);
	return f->apply(f->name, value, spec, err);
}
