/* SPDX-License-Identifier: MIT */
/*
 * What may take so many bytes and no more: build caches, build logs, and the layers of
 * dependencies that the next build would use again.  Releases are never touched: how many of
 * them are kept is `releases:set APP keep N`.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/cleanup/cleanup.h"
#include "runtime/helper.h"
#include "store/deploy.h"
#include "store/layer.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

/* A thing that could go, and when it was last of use. */
struct piece {
	char *name;
	int64_t bytes;
	int64_t used_at;
};

struct pieces {
	struct piece *v;
	size_t len;
	int64_t bytes;
};

static void pieces_release(struct pieces *p)
{
	for (size_t i = 0; i < p->len; i++)
		free(p->v[i].name);
	free(p->v);
}

static void add(struct pieces *p, const char *name, int64_t bytes, int64_t used_at)
{
	p->v = xrealloc(p->v, p->len + 1, sizeof *p->v);
	p->v[p->len++] = (struct piece){ .name = xstrdup(name),
					 .bytes = bytes,
					 .used_at = used_at };
	p->bytes += bytes;
}

static int older_first(const void *a, const void *b)
{
	const struct piece *x = a;
	const struct piece *y = b;

	return (x->used_at > y->used_at) - (x->used_at < y->used_at);
}

static long long mb(int64_t bytes)
{
	return (long long)(bytes / 1000000);
}

/* The longest unused go first, until the rest is within the budget. */
static int shrink(struct sweep *s, struct pieces *p, enum cleanup_budget budget,
		  int (*drop)(struct sweep *s, const char *name, struct err *err),
		  struct err *err)
{
	int64_t limit = s->budget[budget];

	if (p->len)
		qsort(p->v, p->len, sizeof *p->v, older_first);
	for (size_t i = 0; i < p->len && p->bytes > limit; i++) {
		const struct piece *one = &p->v[i];

		p->bytes -= one->bytes;
		if (cleanup_goes(s, one->bytes, "%s (%lld MB): over %s", one->name,
				 mb(one->bytes), cleanup_budget_name(budget)) &&
		    drop(s, one->name, err) < 0)
			return -1;
	}
	return 0;
}

static int drop_cache(struct sweep *s, const char *name, struct err *err)
{
	(void)s;
	return helper_one("cache-clear",
			  json_pack("{s:s}", "app", name + strlen("build cache of ")),
			  NULL, err);
}

/* The cache of an app that is being built just now stays. */
int cleanup_caches(struct sweep *s, struct err *err)
{
	AUTO(pieces_release) struct pieces all = { .v = NULL };
	json_t *reply = NULL;
	json_t *item;
	size_t i;
	bool busy;

	if (cleanup_is_busy(s, &busy, err) < 0 || busy)
		return busy ? 0 : -1;
	if (helper_one("cache-list", NULL, &reply, err) < 0)
		return -1;
	json_array_foreach(json_object_get(reply, "caches"), i, item) {
		AUTO_FREE char *name = xasprintf(
			"build cache of %s",
			json_string_value(json_object_get(item, "app")));

		add(&all, name, json_integer_value(json_object_get(item, "bytes")),
		    json_integer_value(json_object_get(item, "mtime")));
	}
	json_decref(reply);
	return shrink(s, &all, BUDGET_CACHES, drop_cache, err);
}

static int drop_file(struct sweep *s, const char *name, struct err *err)
{
	(void)s;
	return unlink(name) < 0 ? err_sys(err, "remove %s", name) : 0;
}

/* The log of a deploy that has not ended stays. */
static void add_logs(const struct deploys *open, const char *dir, struct pieces *all)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;

	cleanup_names(dir, ".log", &ids);
	strv_foreach(id, &ids) {
		AUTO_FREE char *path = paths_in(dir, "%s.log", id);
		bool runs = false;
		struct stat st;

		for (size_t i = 0; i < open->len; i++)
			runs |= strcmp(open->v[i].public_id, id) == 0;
		if (!runs && stat(path, &st) == 0)
			add(all, path, st.st_size, st.st_mtim.tv_sec);
	}
}

int cleanup_build_logs(struct sweep *s, struct err *err)
{
	AUTO(pieces_release) struct pieces all = { .v = NULL };
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	if (deploy_open(s->st, STORE_GLOBAL, &open, err) < 0)
		return -1;
	strv_foreach(app, &s->apps) {
		AUTO_FREE char *dir = paths_in(paths_root(), "store/builds/%s", app);

		add_logs(&open, dir, &all);
	}
	return shrink(s, &all, BUDGET_BUILD_LOGS, drop_file, err);
}

static int drop_layer(struct sweep *s, const char *name, struct err *err)
{
	(void)s;
	return helper_one("layer-remove",
			  json_pack("{s:s}", "layer", name + strlen("layer ")), NULL,
			  err);
}

/* Layers that only a builder remembers: the next build makes them again. */
int cleanup_spare_layers(struct sweep *s, struct err *err)
{
	AUTO(pieces_release) struct pieces all = { .v = NULL };
	AUTO(strv_release) struct strv spare = STRV_INIT;
	json_t *reply = NULL;
	json_t *item;
	size_t i;
	bool busy;

	if (cleanup_is_busy(s, &busy, err) < 0 || busy)
		return busy ? 0 : -1;
	if (helper_one("layer-list", NULL, &reply, err) < 0)
		return -1;
	if (layer_spare(s->st, &spare, err) < 0) {
		json_decref(reply);
		return -1;
	}
	json_array_foreach(json_object_get(reply, "layers"), i, item) {
		const char *layer = json_string_value(json_object_get(item, "name"));
		AUTO_FREE char *name = xasprintf("layer %s", layer);

		if (strv_find(&spare, layer) >= 0)
			add(&all, name,
			    json_integer_value(json_object_get(item, "bytes")),
			    json_integer_value(json_object_get(item, "mtime")));
	}
	json_decref(reply);
	return shrink(s, &all, BUDGET_SPARE_LAYERS, drop_layer, err);
}
