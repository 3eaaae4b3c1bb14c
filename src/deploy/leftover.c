/* SPDX-License-Identifier: MIT */
#include "deploy/leftover.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>

#include "runtime/helper.h"
#include "store/layer.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* "APP.src.STAMP", "APP-v3-predeploy": the longest name that fits, for names hold dots. */
const char *leftover_maker(const struct strv *apps, const char *layer)
{
	const char *best = NULL;

	strv_foreach(app, apps) {
		size_t n = strlen(app);

		if (strncmp(layer, app, n) == 0 &&
		    (layer[n] == '.' || strncmp(layer + n, "-v", 2) == 0) &&
		    (!best || n > strlen(best)))
			best = app;
	}
	return best;
}

static int add_layers(struct store *st, const struct app *app, struct helper *h,
		      struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	AUTO(strv_release) struct strv named = STRV_INIT;
	json_t *reply = NULL;
	json_t *one;
	size_t i;

	/* The layers first: what is named between the two questions is not taken. */
	if (helper_one("layer-list", NULL, &reply, err) < 0)
		return -1;
	if (app_names(st, &apps, err) < 0 || layer_names(st, &named, err) < 0) {
		json_decref(reply);
		return -1;
	}
	json_array_foreach(json_object_get(reply, "layers"), i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *maker = leftover_maker(&apps, name);

		if (maker && strcmp(maker, app->name) == 0 && strv_find(&named, name) < 0)
			helper_add(h, "layer-remove", json_pack("{s:s}", "layer", name));
	}
	json_decref(reply);
	return 0;
}

static int add_trees(struct store *st, const struct app *app, struct helper *h,
		     struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "static/%s", app->name);
	AUTO(strv_release) struct strv named = STRV_INIT;
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return 0;
	if (release_static_trees(st, app->id, &named, err) < 0)
		return -1;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && e->d_type == DT_DIR &&
		    strv_find(&named, e->d_name) < 0)
			helper_add(h, "static-remove",
				   json_pack("{s:s, s:s}", "app", app->name, "release",
					     e->d_name));
	return 0;
}

int leftover_drop(struct store *st, const struct app *app, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;

	if (add_layers(st, app, &h, err) < 0 || add_trees(st, app, &h, err) < 0)
		return -1;
	return h.ops ? helper_run(&h, NULL, err) : 0;
}
