/* SPDX-License-Identifier: MIT */
/* Layers and sites that no release names, and files that were never renamed into place. */
#include <string.h>
#include <unistd.h>

#include "plugins/cleanup/cleanup.h"
#include "runtime/helper.h"
#include "runtime/sweep.h"
#include "store/layer.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"

/* A repository whose app the store does not know: the store may be an older copy, and then
 * knows none of its layers. */
static int check_sound(const struct sweep *s, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "git");
	AUTO(strv_release) struct strv names = STRV_INIT;

	cleanup_names(dir, ".git", &names);
	strv_foreach(name, &names) {
		/* A dry run has left what --gone-apps would have removed before. */
		if (!name_is_app(name) || cleanup_has_app(s, name) ||
		    (s->dry && s->gone_apps))
			continue;
		(void)err_set(err, ERR_REFUSED,
			      "there is a repository of %s, and the store does not know "
			      "that app: is it an older copy?  Nothing is removed",
			      name);
		return err_hint(err,
				"davit store:copies; or, if it may go: davit cleanup "
				"--gone-apps");
	}
	return 0;
}

/* The names in use, for a quick look. */
static int used_layers(struct sweep *s, json_t **set, struct err *err)
{
	AUTO(strv_release) struct strv used = STRV_INIT;

	if (layer_names(s->st, &used, err) < 0)
		return -1;
	*set = json_object();
	strv_foreach(layer, &used)
		(void)json_object_set_new(*set, layer, json_true());
	return 0;
}

static int remove_layer(struct sweep *s, const char *name, int64_t bytes, struct err *err)
{
	if (!cleanup_goes(s, bytes, "layer %s (%lld MB), which nothing uses", name,
			  (long long)(bytes / 1000000)))
		return 0;
	return helper_one("layer-remove", json_pack("{s:s}", "layer", name), NULL, err);
}

int cleanup_layers(struct sweep *s, struct err *err)
{
	json_t *reply = NULL;
	json_t *used = NULL;
	json_t *item;
	size_t i;
	bool busy;
	int rc = 0;

	/* The list first: a deploy that begins after it makes nothing that is in it. */
	if (check_sound(s, err) < 0 || helper_one("layer-list", NULL, &reply, err) < 0)
		return -1;
	if (cleanup_is_busy(s, &busy, err) < 0 ||
	    (!busy && used_layers(s, &used, err) < 0))
		rc = -1;
	json_array_foreach(json_object_get(reply, "layers"), i, item) {
		const char *name = json_string_value(json_object_get(item, "name"));

		if (rc < 0 || busy)
			break;
		if (!json_object_get(used, name))
			rc = remove_layer(
				s, name,
				json_integer_value(json_object_get(item, "bytes")), err);
	}
	json_decref(used);
	json_decref(reply);
	return rc;
}

static int note_tree(void *ctx, const struct release *r, struct err *err)
{
	(void)err;
	if (r->image.static_tree)
		strv_add(ctx, r->image.static_tree);
	return 0;
}

static int clean_site(struct sweep *s, const struct app *app, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "static/%s", app->name);
	AUTO(strv_release) struct strv trees = STRV_INIT;
	AUTO(strv_release) struct strv wanted = STRV_INIT;

	cleanup_names(dir, "", &trees);
	if (release_each(s->st, app->id, note_tree, &wanted, err) < 0)
		return -1;
	strv_foreach(tree, &trees) {
		if (strcmp(tree, "current") == 0 || strv_find(&wanted, tree) >= 0 ||
		    !cleanup_goes(s, 0, "site %s of %s, which no release has", tree,
				  app->name))
			continue;
		if (helper_one("static-remove",
			       json_pack("{s:s, s:s}", "app", app->name, "release", tree),
			       NULL, err) < 0)
			return -1;
	}
	return 0;
}

int cleanup_static(struct sweep *s, struct err *err)
{
	bool busy;
	struct app app;

	if (check_sound(s, err) < 0 || cleanup_is_busy(s, &busy, err) < 0)
		return -1;
	strv_foreach(name, &s->apps) {
		int rc = busy ? STORE_NO_ROW : app_find(s->st, name, &app, err);

		if (rc < 0 || (rc == 0 && clean_site(s, &app, err) < 0))
			return -1;
	}
	return 0;
}

/* Of apps that are gone. */
int cleanup_locks(struct sweep *s, struct err *err)
{
	AUTO(strv_release) struct strv paths = STRV_INIT;

	if (sweep_gone_locks(s->st, &paths, err) < 0)
		return -1;
	strv_foreach(path, &paths)
		if (cleanup_goes(s, 0, "%s, a lock of an app that is gone", path))
			(void)unlink(path);
	return 0;
}

int cleanup_temporary(struct sweep *s, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store");
	AUTO(strv_release) struct strv names = STRV_INIT;

	(void)err;
	cleanup_names(dir, "", &names);
	strv_foreach(name, &names) {
		AUTO_FREE char *path = paths_in(dir, "%s", name);

		if (fs_is_left(name) &&
		    cleanup_goes(s, 0, "%s, which was never renamed into place", path))
			(void)unlink(path);
	}
	return 0;
}
