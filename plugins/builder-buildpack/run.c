/* SPDX-License-Identifier: MIT */
/* One run of buildpacks/build in a container. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "plugin/docker_args.h"
#include "plugins/builder-buildpack/buildpack.h"
#include "runtime/buildenv.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "runtime/limits.h"
#include "runtime/stack.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"

#define MARK '\036'

enum { BUILD_LIMIT_S = 1800, NEED = 42 };

const char *talk_fact(const struct talk *t, const char *name, size_t i)
{
	return json_string_value(json_array_get(json_object_get(t->facts, name), i));
}

bool talk_has(const struct talk *t, const char *name)
{
	return json_object_get(t->facts, name) != NULL;
}

size_t talk_count(const struct talk *t, const char *name)
{
	return json_array_size(json_object_get(t->facts, name));
}

void talk_text(const struct talk *t, const char *name, struct buf *out)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(t->facts, name), i, line)
		buf_addf(out, "%s\n", json_string_value(line));
}

static void take_fact(struct talk *t, const char *line)
{
	size_t n = strcspn(line, " ");
	AUTO_FREE char *name = xstrndup(line, n);
	json_t *value = json_string(line + n + (line[n] == ' '));
	json_t *list = json_object_get(t->facts, name);

	if (!list) {
		list = json_array();
		(void)json_object_set_new(t->facts, name, list);
	}
	(void)json_array_append_new(list, value ? value : json_string(""));
}

/* Buildpacks mark their lines as we do; a tool's own line is moved under them. */
static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	struct talk *t = ctx;

	(void)from;
	if (*line == MARK) {
		take_fact(t, line + 1);
		return;
	}
	if (strstr(line, "No space left on device") || strstr(line, "ENOSPC"))
		t->disk_full = true;
	if (strstr(line, "fork: ") || strstr(line, "EAGAIN"))
		t->forks_refused = true;
	if (strncmp(line, "-----> ", 7) == 0)
		out_step(t->to, "%s", line + 7);
	else if (strncmp(line, " !     ", 7) == 0)
		out_warn(t->to, "%s", line + 7);
	else
		out_foreign(t->to, line + (strncmp(line, "       ", 7) == 0 ? 7 : 0));
}

/* NAME=VALUE with a NUL behind each: what the driver makes the env directory from. */
static int config_file(const json_t *config, struct err *err)
{
	AUTO_CLOSE int fd = memfd_create("config", MFD_CLOEXEC);
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)config, key, value) {
		buf_addf(&text, "%s=%s", key, json_string_value(value));
		buf_addc(&text, '\0');
	}
	if (fd < 0 || fs_write_all(fd, text.data, text.len) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "write the config for the build");
	return take_fd(&fd);
}

static json_t *words(const struct run *r)
{
	json_t *list = json_pack("[s,s]", "/buildpacks/build", r->phase);

	strv_foreach(pack, r->packs)
		(void)json_array_append_new(list, json_string(pack));
	return list;
}

static json_t *layers(const struct run *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < 3 && r->lower[i]; i++)
		(void)json_array_append_new(list, json_string(r->lower[i]));
	strv_foreach(layer, &r->b->tool_layers)
		(void)json_array_append_new(list, json_string(layer));
	return list;
}

static int limits(const struct build *b, json_t *c, struct err *err)
{
	AUTO_FREE char *text = NULL;
	long seconds = BUILD_LIMIT_S;
	struct limits l;

	if (limits_of(b->call->st, &b->app, "build", &l, err) < 0 ||
	    property_get(b->call->st,
			 PROPERTY(b->app.id, BUILDPACK_PLUGIN, "build-timeout"), "",
			 &text, err) < 0)
		return -1;
	(void)name_to_int(text, 1, 86400, &seconds);
	(void)json_object_set_new(c, "timeout_s", json_integer(seconds));
	(void)json_object_set_new(c, "memory", json_integer(l.memory));
	(void)json_object_set_new(c, "swap", json_integer(l.swap));
	(void)json_object_set_new(c, "disk", json_integer(l.disk));
	(void)json_object_set_new(c, "cpu", json_integer(l.cpu));
	(void)json_object_set_new(c, "pids", json_integer(l.pids));
	return 0;
}

static json_t *container(const struct run *r, json_t *env, json_t *mounts)
{
	const struct build *b = r->b;

	return json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:i, s:s, s:s, s:s, s:{s:s,s:s}}",
		"id", json_sprintf("%s.build.%s.%s", b->app.name, r->phase, b->stamp),
		"app", b->app.name, "layers", layers(r), "argv", words(r), "env", env,
		"mounts", mounts, "cwd", "/app", "uid", APP_UID, "profile", "build",
		"network", "app", "hostname", "build", "seal", "layer", r->seal, "path",
		"/app");
}

static const char *size_of(const struct build *b, const char *what, char out[64])
{
	struct err ignored;
	struct limits l;

	out[0] = '\0';
	if (limits_of(b->call->st, &b->app, "build", &l, &ignored) < 0)
		return out;
	int64_t n = *what == 'm' ? l.memory : l.disk;

	if (n)
		(void)snprintf(out, 64, " of %lld MB", (long long)(n >> 20));
	return out;
}

static int failed(const struct run *r, const struct talk *t, const json_t *reply,
		  struct err *err)
{
	const char *app = r->b->app.name;
	const char *cause = talk_fact(t, "error", 0);
	const char *hint = talk_fact(t, "hint", 0);
	char size[64];

	if (json_is_true(json_object_get(reply, "timed_out"))) {
		(void)err_set(err, ERR_APP, "the build did not end in its time");
		return err_hint(err,
				"find out what it waits for; or, for more time: "
				"davit builder-buildpack:set %s build-timeout SECONDS",
				app);
	}
	if (json_is_true(json_object_get(reply, "oom"))) {
		(void)err_set(err, ERR_APP, "the build ran out of its memory%s",
			      size_of(r->b, "memory", size));
		return err_hint(
			err, "davit resource:limit --process-type build --memory 4g %s",
			app);
	}
	if (t->disk_full) {
		(void)err_set(err, ERR_APP, "the build filled its disk%s",
			      size_of(r->b, "disk", size));
		return err_hint(err,
				"write less, or: davit resource:limit --process-type "
				"build --disk 16g %s",
				app);
	}
	if (t->forks_refused && !hint) {
		(void)err_set(err, ERR_APP, "the build started too many processes");
		return err_hint(
			err, "davit resource:limit --process-type build --pids 4096 %s",
			app);
	}
	(void)err_set(err, ERR_APP, "%s", cause ? cause : "the build failed");
	if (!cause)
		(void)err_context(
			err, "status %d",
			(int)json_integer_value(json_object_get(reply, "code")));
	return err_hint(err, "%s",
			hint ? hint
			     : "the lines above say why; mend it, commit, "
			       "and push again");
}

static int judge(const struct run *r, const struct talk *t, const json_t *reply,
		 struct err *err)
{
	long code = (long)json_integer_value(json_object_get(reply, "code"));
	const char *need = talk_fact(t, "need", 0);

	if (code == 0)
		return 0;
	if (code == NEED && need && stack_knows(need))
		return RUN_NEEDS;
	return failed(r, t, reply, err);
}

int run_driver(const struct run *r, struct talk *t, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(buildenv_release) struct buildenv be = BUILDENV_INIT;
	AUTO_CLOSE int config = config_file(r->b->config, err);
	json_t *env = json_array();
	json_t *mounts = json_pack("[{s:s,s:s}, {s:s,s:s,s:s}]", "kind", "buildpacks",
				   "target", "/buildpacks", "kind", "cache", "name",
				   "build", "target", "/cache");
	json_t *c = container(r, env, mounts);
	json_t *replies = NULL;
	int rc = config < 0 ? -1 : buildenv_add(&be, &h, env, mounts, err);

	(void)json_array_append_new(env, json_string("HOME=/app"));
	(void)json_array_append_new(mounts,
				    json_pack("{s:s, s:i, s:s, s:s}", "kind", "file",
					      "fd", helper_pass(&h, config), "target",
					      "/run/davit-config", "mode", "0444"));
	const struct docker_args args = {
		.id = TRIGGER_DOCKER_ARGS_BUILD,
		.process_id = TRIGGER_DOCKER_ARGS_PROCESS_BUILD,
		.app = &r->b->app,
	};

	if (rc < 0 || limits(r->b, c, err) < 0 ||
	    docker_args_apply(r->b->call->st, r->b->call->to, &args, c, err) < 0) {
		json_decref(c);
		return -1;
	}
	helper_add(&h, "run", c);
	h.cancel_fd = r->b->call->cancel_fd;
	h.on_line = take_line;
	h.ctx = t;
	if (helper_run(&h, &replies, err) < 0)
		return err_context(err, "build");
	rc = judge(r, t, json_array_get(replies, 0), err);
	json_decref(replies);
	return rc;
}

int run_find_toolchains(struct build *b, struct err *err)
{
	char *base = NULL;

	strv_release(&b->tool_layers);
	strv_init(&b->tool_layers);
	strv_foreach(name, &b->toolchains) {
		struct stack_want want = { .st = b->call->st,
					   .to = b->call->to,
					   .cancel_fd = b->call->cancel_fd,
					   .toolchain = name };
		char *layer = NULL;

		if (stack_toolchain(&want, &layer, err) < 0)
			return -1;
		strv_take(&b->tool_layers, layer);
	}
	if (stack_base(b->call->st, &base, err) < 0)
		return -1;
	strv_take(&b->tool_layers, base);
	return 0;
}
