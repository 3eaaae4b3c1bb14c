/* SPDX-License-Identifier: MIT */
/* What a request says about a container, field by field. */
#include <string.h>

#include "root/container.h"
#include "root/protocol.h"
#include "root/request.h"
#include "root/world.h"
#include "util/name.h"

#define LAYERS_MAX 400
#define ARGS_MAX   1024
#define ENV_MAX    4096
#define TIB        ((long)1 << 40)

static int bad(struct err *err, const char *what)
{
	return err_set(err, ERR_USAGE, "%s", what);
}

static int take_kind(const char *text, enum mount_kind *kind, struct err *err)
{
	static const char *const names[] = {
		[MOUNT_CACHE] = "cache",     [MOUNT_BUILDPACKS] = "buildpacks",
		[MOUNT_STORAGE] = "storage", [MOUNT_HOST] = "host",
		[MOUNT_FILE] = "file",       [MOUNT_TMPFS] = "tmpfs"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], text) == 0) {
			*kind = (enum mount_kind)i;
			return 0;
		}
	return bad(err, "a mount of an unknown kind");
}

static int take_mode(const json_t *one, mode_t *mode, struct err *err)
{
	const char *text = NULL;
	mode_t m = 0;

	if (request_text_or_null(one, "mode", 4, &text, err) < 0)
		return -1;
	for (const char *p = text ? text : "0444"; *p; p++) {
		if (*p < '0' || *p > '7')
			return bad(err, "mode of a file: not octal");
		m = m << 3 | (mode_t)(*p - '0');
	}
	if (m & ~0777u)
		return bad(err, "mode of a file: only permission bits");
	*mode = m;
	return 0;
}

static int take_host_path(const json_t *one, struct container_mount *m, struct err *err)
{
	if (request_fields(one, "kind path target readonly?", err) < 0 ||
	    request_path(one, "path", &m->name, err) < 0)
		return -1;
	if (policy_mount_root(m->name))
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s may not be mounted into apps", m->name);
	return err_hint(err, "as root, list it under mounts: in /etc/davit/davit.yml");
}

/* The fields that each kind has beside target and readonly. */
static int take_source(const json_t *one, struct container_mount *m, struct err *err)
{
	switch (m->kind) {
	case MOUNT_STORAGE:
		if (request_fields(one, "kind name path? target readonly?", err) < 0 ||
		    (json_object_get(one, "path") &&
		     request_path(one, "path", &m->path, err) < 0))
			return -1;
		return request_id(one, "name", &m->name, err);
	case MOUNT_TMPFS:
		if (request_fields(one, "kind target size? readonly?", err) < 0)
			return -1;
		return request_int(one, "size", (struct request_range){ 0, TIB, 0 },
				   &m->size, err);
	case MOUNT_CACHE:
		if (request_fields(one, "kind name target readonly?", err) < 0)
			return -1;
		return request_id(one, "name", &m->name, err);
	case MOUNT_HOST: return take_host_path(one, m, err);
	case MOUNT_BUILDPACKS:
		m->readonly = true;
		return request_fields(one, "kind target", err);
	case MOUNT_FILE:
		if (request_fields(one, "kind fd target mode?", err) < 0 ||
		    take_mode(one, &m->mode, err) < 0)
			return -1;
		m->readonly = !(m->mode & 0222);
		return request_fd(one, "fd", &m->fd, err);
	}
	return 0;
}

static bool target_ok(const char *path)
{
	static const char *const ours[] = { "/proc", "/sys", "/dev" };

	if (!path[1])
		return false;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		size_t n = strlen(ours[i]);

		if (strncmp(path, ours[i], n) == 0 && (!path[n] || path[n] == '/'))
			return false;
	}
	return true;
}

int container_parse_mount(const json_t *one, struct container_mount *m, struct err *err)
{
	struct container_mount got = { .fd = -1 };
	const char *kind = NULL;

	if (!json_is_object(one))
		return bad(err, "a mount that is not an object");
	if (request_text(one, "kind", 32, &kind, err) < 0 ||
	    take_kind(kind, &got.kind, err) < 0 ||
	    request_bool(one, "readonly", false, &got.readonly, err) < 0 ||
	    take_source(one, &got, err) < 0 ||
	    request_path(one, "target", &got.target, err) < 0)
		return -1;
	if (!target_ok(got.target))
		return bad(err, "a mount over /, /proc, /sys or /dev");
	*m = got;
	return 0;
}

static int take_mounts(const json_t *op, struct container *c, struct err *err)
{
	const json_t *list = json_object_get(op, "mounts");
	json_t *one;
	size_t i;

	if (list && (!json_is_array(list) || json_array_size(list) > CONTAINER_MOUNTS))
		return bad(err, "field mounts: not a list, or too long");
	json_array_foreach(list, i, one) {
		if (container_parse_mount(one, &c->mounts[i], err) < 0)
			return err_context(err, "mounts");
		c->mount_count = i + 1;
	}
	return 0;
}

static int take_profile(const json_t *op, struct container *c, struct err *err)
{
	const char *text = NULL;

	if (request_text_or_null(op, "profile", 16, &text, err) < 0)
		return -1;
	if (!text || strcmp(text, "app") == 0)
		c->profile = PROFILE_APP;
	else if (strcmp(text, "build") == 0)
		c->profile = PROFILE_BUILD;
	else if (strcmp(text, "package") == 0)
		c->profile = PROFILE_PACKAGE;
	else
		return bad(err, "field profile: app, build or package");
	if (c->profile == PROFILE_PACKAGE && strcmp(c->app, STACK_APP) != 0)
		return err_set(err, ERR_REFUSED, "profile package is for %s only",
			       STACK_APP);
	return 0;
}

static int take_limit(const json_t *op, const char *field, const int64_t from[2],
		      int64_t *out, struct err *err)
{
	long got = 0;

	if (request_int(op, field, (struct request_range){ 0, 1024 * TIB, 0 }, &got,
			err) < 0)
		return -1;
	*out = got ? got : from[0];
	if (*out > from[1])
		*out = from[1];
	return 0;
}

static int take_limits(const json_t *op, struct container *c, struct err *err)
{
	const struct policy_limits *d = &policy()->limits[c->profile];
	const struct policy_limits *m = &policy()->max;
	struct policy_limits *to = &c->limits;

	if (take_limit(op, "memory", (int64_t[]){ d->memory, m->memory }, &to->memory,
		       err) < 0 ||
	    take_limit(op, "swap", (int64_t[]){ d->swap, m->swap }, &to->swap, err) < 0 ||
	    take_limit(op, "disk", (int64_t[]){ d->disk, m->disk }, &to->disk, err) < 0 ||
	    take_limit(op, "cpu", (int64_t[]){ d->cpu, m->cpu }, &to->cpu, err) < 0 ||
	    take_limit(op, "pids", (int64_t[]){ d->pids, m->pids }, &to->pids, err) < 0)
		return -1;
	if (to->memory && to->memory < 6 << 20)
		return err_set(err, ERR_USAGE, "memory: at least 6 MiB");
	return 0;
}

static int take_promises(const json_t *op, struct container *c, struct err *err)
{
	struct {
		const char *field;
		int64_t *to;
	} const fields[] = { { "memory_reserve", &c->memory_reserve },
			     { "cpu_reserve", &c->cpu_reserve },
			     { "rate_in", &c->rates.in },
			     { "rate_out", &c->rates.out } };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		long got = 0;

		if (request_int(op, fields[i].field,
				(struct request_range){ 0, 1024 * TIB, 0 }, &got,
				err) < 0)
			return -1;
		*fields[i].to = got;
	}
	return 0;
}

static int take_network(const json_t *op, struct container *c, struct err *err)
{
	const char *text = NULL;

	if (request_text_or_null(op, "network", 8, &text, err) < 0)
		return -1;
	c->network = !text || strcmp(text, "app") == 0;
	if (!c->network && strcmp(text, "none") != 0)
		return bad(err, "field network: app or none");
	return 0;
}

/* Not /proc/self/fd/N: a runtime that keeps a directory of the host open would start the
 * process there. */
static int take_cwd(const json_t *op, struct container *c, struct err *err)
{
	c->cwd = "/";
	if (!json_object_get(op, "cwd"))
		return 0;
	if (request_path(op, "cwd", &c->cwd, err) < 0)
		return -1;
	return c->cwd[1] && !target_ok(c->cwd)
		       ? bad(err, "field cwd: below /proc, /sys or /dev")
		       : 0;
}

static int take_place(const json_t *op, struct container *c, struct err *err)
{
	const char *hostname = NULL;

	if (take_cwd(op, c, err) < 0)
		return -1;
	if (request_text_or_null(op, "hostname", 63, &hostname, err) < 0)
		return -1;
	c->hostname = hostname ? hostname : "davit";
	if (!name_is_domain(c->hostname) || c->hostname[0] == '*')
		return bad(err, "field hostname: not a host name");
	return request_int(op, "uid", (struct request_range){ 0, 65535, APP_UID },
			   &c->uid, err);
}

static void container_init(struct container *c)
{
	*c = (struct container){ .layers = STRV_INIT,
				 .argv = STRV_INIT,
				 .env = STRV_INIT,
				 .hosts = STRV_INIT,
				 .dns = STRV_INIT };
}

int container_parse(const json_t *op, struct container *c, struct err *err)
{
	container_init(c);
	if (request_id(op, "id", &c->id, err) < 0 ||
	    request_app(op, "app", &c->app, err) < 0 ||
	    request_list(op, "layers", name_is_id, LAYERS_MAX, &c->layers, err) < 0 ||
	    request_list(op, "argv", request_any, ARGS_MAX, &c->argv, err) < 0 ||
	    request_list(op, "env", request_env_item, ENV_MAX, &c->env, err) < 0 ||
	    take_place(op, c, err) < 0 || take_profile(op, c, err) < 0 ||
	    take_limits(op, c, err) < 0 || take_promises(op, c, err) < 0 ||
	    take_network(op, c, err) < 0 || take_mounts(op, c, err) < 0 ||
	    world_parse(op, c, err) < 0)
		return -1;
	if (!c->layers.len || !c->argv.len || !c->argv.v[0][0])
		return bad(err, "layers and argv must not be empty");
	if (strlen(c->id) > 128)
		return bad(err, "field id: too long");
	return 0;
}

void container_release(struct container *c)
{
	strv_release(&c->layers);
	strv_release(&c->argv);
	strv_release(&c->env);
	world_release(c);
}

int container_parse_exec(const json_t *op, struct container *c, struct err *err)
{
	container_init(c);
	if (request_id(op, "id", &c->id, err) < 0 ||
	    request_list(op, "argv", request_any, ARGS_MAX, &c->argv, err) < 0 ||
	    request_list(op, "env", request_env_item, ENV_MAX, &c->env, err) < 0 ||
	    take_cwd(op, c, err) < 0 ||
	    request_int(op, "uid", (struct request_range){ 0, 65535, APP_UID }, &c->uid,
			err) < 0 ||
	    request_bool(op, "tty", false, &c->tty, err) < 0)
		return -1;
	if (!c->argv.len || !c->argv.v[0][0])
		return bad(err, "argv must not be empty");
	return 0;
}
