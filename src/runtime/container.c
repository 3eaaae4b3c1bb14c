/* SPDX-License-Identifier: MIT */
#include "runtime/container.h"

#include <stdio.h>
#include <string.h>

#include "runtime/engine_options.h"
#include "runtime/limits.h"
#include "runtime/storage.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static void merge(json_t *to, const json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)from, key, value)
		(void)json_object_set(to, key, value);
}

/* "K=V": a name stands once, or it would depend on the reader which one counts. */
static void put_item(json_t *vars, const char *item)
{
	const char *equals = strchr(item, '=');
	AUTO_FREE char *key = NULL;

	if (!equals)
		return;
	key = xstrndup(item, (size_t)(equals - item));
	(void)json_object_set_new(vars, key, json_string(equals + 1));
}

static json_t *list_of(json_t *vars)
{
	json_t *list = json_array();
	const char *key;
	json_t *value;

	json_object_foreach(vars, key, value)
		if (json_is_string(value))
			(void)json_array_append_new(
				list,
				json_sprintf("%s=%s", key, json_string_value(value)));
	return list;
}

/* Image beneath config beneath what we promise beneath what the caller wants. */
static json_t *environment(const struct container *c)
{
	json_t *vars = json_object();
	json_t *list;

	(void)json_object_set_new(vars, "HOME", json_string("/app"));
	(void)json_object_set_new(
		vars, "PATH",
		json_string(
			"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
	(void)json_object_set_new(vars, "LANG", json_string("C.UTF-8"));
	merge(vars, c->release->image.env);
	merge(vars, c->release->config);
	(void)json_object_set_new(vars, "DYNO",
				  json_sprintf("%s.%d", c->process, c->number));
	if (c->port)
		(void)json_object_set_new(vars, "PORT", json_sprintf("%ld", c->port));
	if (c->env)
		strv_foreach(item, c->env)
			put_item(vars, item);
	list = list_of(vars);
	json_decref(vars);
	return list;
}

/* A word that JSON cannot carry must not be left out: another command would run. */
static int words(const struct container *c, json_t *list, struct err *err)
{
	const char *const started[] = { CONTAINER_START, c->command, NULL };
	const char *const by_shell[] = { CONTAINER_SHELL, "-c", c->command, NULL };
	const char *const *ours = image_is_foreign(&c->release->image) ? by_shell
								       : started;

	for (const char *const *w = c->command ? ours : c->argv; *w; w++)
		if (json_array_append_new(list, json_string(*w)) < 0) {
			(void)err_set(err, ERR_USAGE, "the command is not UTF-8 text");
			return err_hint(err, "give such bytes to the command's stdin");
		}
	return 0;
}

static json_t *layers(const struct image *im)
{
	json_t *list = json_array();

	strv_foreach(layer, &im->layers)
		(void)json_array_append_new(list, json_string(layer));
	return list;
}

/* What people have added to containers of this app: storage, and engine options. */
static int add_extras(struct store *st, const struct container *c, json_t *spec,
		      struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	const char *phase = c->phase ? c->phase : "deploy";
	json_t *mounts = json_array();

	(void)json_object_set_new(spec, "mounts", mounts);
	if (storage_add_mounts(st, c->app, phase, c->process, mounts, err) < 0 ||
	    engine_options_of(st, c->app, phase, c->process, &lines, err) < 0 ||
	    engine_options_apply(&lines, spec, err) < 0)
		return -1;
	if (json_array_size(mounts) == 0)
		(void)json_object_del(spec, "mounts");
	return 0;
}

/* What few apps ask for. */
static void set_promises(json_t *spec, const struct limits *l)
{
	const struct {
		const char *field;
		int64_t value;
	} all[] = { { "memory_reserve", l->memory_reserve },
		    { "cpu_reserve", l->cpu_reserve },
		    { "rate_in", l->rate_in },
		    { "rate_out", l->rate_out } };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].value)
			(void)json_object_set_new(spec, all[i].field,
						  json_integer(all[i].value));
}

int container_spec(struct store *st, const struct container *c, json_t **spec,
		   struct err *err)
{
	const struct image *im = &c->release->image;
	struct limits l;
	json_t *j;
	json_t *argv = json_array();

	if (limits_of(st, c->app, c->process, &l, err) < 0 || words(c, argv, err) < 0) {
		json_decref(argv);
		return -1;
	}
	j = json_object();
	(void)json_object_set_new(j, "id", json_string(c->id));
	(void)json_object_set_new(j, "app", json_string(c->app->name));
	(void)json_object_set_new(j, "layers", layers(im));
	(void)json_object_set_new(j, "argv", argv);
	(void)json_object_set_new(j, "env", environment(c));
	(void)json_object_set_new(j, "cwd", json_string(im->cwd ? im->cwd : "/app"));
	(void)json_object_set_new(j, "uid", json_integer(im->uid ? im->uid : APP_UID));
	(void)json_object_set_new(j, "profile", json_string("app"));
	(void)json_object_set_new(j, "network", json_string("app"));
	(void)json_object_set_new(j, "hostname", json_string(c->app->name));
	(void)json_object_set_new(j, "memory", json_integer(l.memory));
	(void)json_object_set_new(j, "swap", json_integer(l.swap));
	(void)json_object_set_new(j, "disk", json_integer(l.disk));
	(void)json_object_set_new(j, "cpu", json_integer(l.cpu));
	(void)json_object_set_new(j, "pids", json_integer(l.pids));
	set_promises(j, &l);
	if (add_extras(st, c, j, err) < 0) {
		json_decref(j);
		return -1;
	}
	*spec = j;
	return 0;
}
