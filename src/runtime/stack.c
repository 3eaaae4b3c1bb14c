/* SPDX-License-Identifier: MIT */
#include "runtime/stack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "root/protocol.h"
#include "runtime/buildenv.h"
#include "runtime/helper.h"
#include "runtime/stack_base.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"

#define PLUGIN    "stack"
#define TOOLCHAIN "toolchain."

enum { PACKAGE_LIMIT_S = 1200 };

/* What a toolchain is built on, beside the base, and what of it is kept. */
static const struct recipe {
	const char *name; /* with a '-' at its end: a version follows */
	const char *on;   /* a toolchain, or NULL */
	const char *keep; /* the directory that becomes the layer */
} recipes[] = {
	{ "python3", NULL, "/" },         { "node-", NULL, "/opt" },
	{ "uv", "python3", "/" },         { "poetry", "python3", "/" },
	{ "pipenv", "python3", "/" },     { "git", NULL, "/" },
	{ "build-essential", NULL, "/" },
};

static const struct recipe *find_recipe(const char *name)
{
	for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
		const char *r = recipes[i].name;
		size_t n = strlen(r);

		if (r[n - 1] != '-' && strcmp(r, name) == 0)
			return &recipes[i];
		if (r[n - 1] == '-' && strncmp(r, name, n) == 0 && name[n] &&
		    strspn(name + n, "0123456789.") == strlen(name + n) &&
		    strlen(name + n) < 16)
			return &recipes[i];
	}
	return NULL;
}

bool stack_knows(const char *toolchain)
{
	return find_recipe(toolchain) != NULL;
}

bool stack_same_kind(const char *a, const char *b)
{
	const struct recipe *r = find_recipe(a);

	return r && r == find_recipe(b);
}

int stack_current(struct store *st, char **layer, struct err *err)
{
	return property_get(st, PROPERTY(STORE_GLOBAL, PLUGIN, "base"), "", layer, err);
}

int stack_base(struct store *st, char **layer, struct err *err)
{
	if (stack_current(st, layer, err) < 0)
		return -1;
	if (**layer)
		return 0;
	free(*layer);
	*layer = NULL;
	(void)err_set(err, ERR_HOST, "this host has no base layer to build apps on");
	return err_hint(err, "davit stack:build");
}

int stack_toolchains(struct store *st, struct strv *names, struct strv *layers,
		     struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(st, STORE_GLOBAL, PLUGIN, TOOLCHAIN, &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		char *layer = NULL;

		if (property_get(st, PROPERTY(STORE_GLOBAL, PLUGIN, key), "", &layer,
				 err) < 0)
			return -1;
		strv_add(names, key + strlen(TOOLCHAIN));
		strv_take(layers, layer);
	}
	return 0;
}

int stack_layers(struct strv *names, struct strv *bytes, struct err *err)
{
	json_t *reply = NULL;
	json_t *one;
	size_t i;

	if (helper_one("layer-list", NULL, &reply, err) < 0)
		return -1;
	json_array_foreach(json_object_get(reply, "layers"), i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));

		strv_add(names, name ? name : "");
		strv_addf(bytes, "%lld",
			  (long long)json_integer_value(json_object_get(one, "bytes")));
	}
	json_decref(reply);
	return 0;
}

int stack_forget(struct store *st, const char *layer, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(strv_release) struct strv layers = STRV_INIT;
	AUTO_FREE char *base = NULL;

	if (stack_current(st, &base, err) < 0 ||
	    stack_toolchains(st, &names, &layers, err) < 0)
		return -1;
	if (strcmp(base, layer) == 0)
		return property_unset(st, STORE_GLOBAL, PLUGIN, "base", err);
	for (size_t i = 0; i < names.len; i++) {
		AUTO_FREE char *key = xasprintf(TOOLCHAIN "%s", names.v[i]);

		if (strcmp(layers.v[i], layer) == 0 &&
		    property_unset(st, STORE_GLOBAL, PLUGIN, key, err) < 0)
			return -1;
	}
	return 0;
}

/* Two builds that miss the same toolchain: the second waits for the first. */
static int lock_stack(int *fd, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/locks");
	AUTO_FREE char *path = paths_in(dir, "stack");

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0 || flock(*fd, LOCK_EX) < 0)
		return err_sys(err, "lock the stack");
	return 0;
}

/* The last lines of a recipe, and the cause that it names itself. */
struct recipe_talk {
	struct out *to;
	char error[512];
	char hint[256];
};

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	struct recipe_talk *t = ctx;

	(void)from;
	if (strncmp(line, "\036error ", 7) == 0)
		(void)snprintf(t->error, sizeof t->error, "%s", line + 7);
	else if (strncmp(line, "\036hint ", 6) == 0)
		(void)snprintf(t->hint, sizeof t->hint, "%s", line + 6);
	else
		out_foreign(t->to, line);
}

static json_t *recipe_container(const struct recipe *r, const char *name, json_t *layers,
				const char *layer)
{
	return json_pack(
		"{s:s, s:s, s:o, s:[s,s,s], s:i, s:s, s:s, s:s, s:i, s:{s:s,s:s}}", "id",
		layer, "app", STACK_APP, "layers", layers, "argv", "/bin/bash",
		"/buildpacks/toolchains/build", name, "uid", 0, "profile", "package",
		"network", "app", "cwd", "/", "timeout_s", PACKAGE_LIMIT_S, "seal",
		"layer", layer, "path", r->keep);
}

static int judge(const json_t *reply, const struct recipe_talk *t, struct err *err)
{
	long code = (long)json_integer_value(json_object_get(reply, "code"));

	if (code == 0)
		return 0;
	if (json_is_true(json_object_get(reply, "timed_out")))
		return err_set(err, ERR_HOST, "it took more than %d minutes",
			       PACKAGE_LIMIT_S / 60);
	if (!t->error[0])
		return err_set(err, ERR_HOST, "its recipe ended with status %ld", code);
	(void)err_set(err, ERR_HOST, "%s", t->error);
	return err_hint(err, "%s", t->hint);
}

static int run_recipe(const struct stack_want *want, json_t *layers, const char *layer,
		      struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	AUTO(buildenv_release) struct buildenv b = BUILDENV_INIT;
	struct recipe_talk talk = { .to = want->to };
	json_t *env = json_array();
	json_t *mounts = json_pack("[{s:s, s:s}]", "kind", "buildpacks", "target",
				   "/buildpacks");
	json_t *c = recipe_container(find_recipe(want->toolchain), want->toolchain,
				     layers, layer);
	json_t *replies = NULL;
	int rc = buildenv_add(&b, &h, env, mounts, err);

	(void)json_object_set_new(c, "env", env);
	(void)json_object_set_new(c, "mounts", mounts);
	helper_add(&h, "run", c);
	h.cancel_fd = want->cancel_fd;
	h.on_line = take_line;
	h.ctx = &talk;
	if (rc < 0 || helper_run(&h, &replies, err) < 0)
		return -1;
	rc = judge(json_array_get(replies, 0), &talk, err);
	json_decref(replies);
	return rc;
}

/* Lowers of the container that makes a toolchain.  A Node that is there brings the npm with
 * which the next one is fetched. */
static int lowers(const struct stack_want *want, const char *base, json_t **list,
		  struct err *err)
{
	const struct recipe *r = find_recipe(want->toolchain);
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(strv_release) struct strv layers = STRV_INIT;
	const char *below = NULL;

	if (stack_toolchains(want->st, &names, &layers, err) < 0)
		return -1;
	for (size_t i = 0; i < names.len && !below; i++)
		if (r->on ? strcmp(names.v[i], r->on) == 0 : find_recipe(names.v[i]) == r)
			below = layers.v[i];
	*list = below ? json_pack("[s,s]", below, base) : json_pack("[s]", base);
	return 0;
}

static int make_toolchain(const struct stack_want *want, const char *key, char **layer,
			  struct err *err)
{
	AUTO_FREE char *base = NULL;
	AUTO_FREE char *made = NULL;
	int64_t since = clock_ms();
	json_t *list;

	if (stack_base(want->st, &base, err) < 0 || lowers(want, base, &list, err) < 0)
		return -1;
	made = xasprintf(STACK_PREFIX "%s-%lld", want->toolchain, (long long)clock_now());
	out_step(want->to, "Making the toolchain %s, once for all apps", want->toolchain);
	if (run_recipe(want, list, made, err) < 0)
		return err_context(err, "toolchain %s", want->toolchain);
	out_note(want->to, "made in %.1f s", (double)(clock_ms() - since) / 1000);
	if (property_set(want->st, STORE_GLOBAL, PLUGIN, key, made, err) < 0)
		return -1;
	*layer = take_str(&made);
	return 0;
}

int stack_toolchain(const struct stack_want *want, char **layer, struct err *err)
{
	AUTO_FREE char *key = xasprintf(TOOLCHAIN "%s", want->toolchain);
	AUTO_CLOSE int lock = -1;
	int rc;

	if (!stack_knows(want->toolchain))
		return err_set(err, ERR_APP, "there is no toolchain named \"%.40s\"",
			       want->toolchain);
	rc = property_find(want->st, STORE_GLOBAL, PLUGIN, key, layer, err);
	if (rc != STORE_NO_ROW)
		return rc;
	/* What another one is built on is made under the lock of that one. */
	if (find_recipe(want->toolchain)->on) {
		AUTO_FREE char *ignored = NULL;
		struct stack_want first = *want;

		first.toolchain = find_recipe(want->toolchain)->on;
		if (stack_toolchain(&first, &ignored, err) < 0)
			return -1;
	}
	if (lock_stack(&lock, err) < 0)
		return -1;
	rc = property_find(want->st, STORE_GLOBAL, PLUGIN, key, layer, err);
	return rc == STORE_NO_ROW ? make_toolchain(want, key, layer, err) : rc;
}

/* A new base starts without toolchains; those that apps used are made again now, so that
 * no push has to wait for them. */
int stack_build(struct store *st, struct out *to, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(strv_release) struct strv layers = STRV_INIT;
	AUTO_FREE char *made = NULL;
	int64_t since = clock_ms();

	out_step(to, "Making the base layer of the stack");
	if (stack_base_make(to, &made, err) < 0 ||
	    stack_toolchains(st, &names, &layers, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		AUTO_FREE char *key = xasprintf(TOOLCHAIN "%s", name);

		if (property_unset(st, STORE_GLOBAL, PLUGIN, key, err) < 0)
			return -1;
	}
	if (property_set(st, STORE_GLOBAL, PLUGIN, "base", made, err) < 0)
		return -1;
	out_note(to, "%s, made in %.1f s", made, (double)(clock_ms() - since) / 1000);
	strv_foreach(name, &names) {
		AUTO_FREE char *layer = NULL;
		struct stack_want want = { .st = st, .to = to, .toolchain = name };

		if (stack_toolchain(&want, &layer, err) < 0)
			return -1;
	}
	return 0;
}
