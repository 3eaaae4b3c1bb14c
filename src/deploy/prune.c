/* SPDX-License-Identifier: MIT */
#include "deploy/prune.h"

#include "runtime/helper.h"
#include "store/property.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/name.h"

enum { KEEP = 20, KEEP_MAX = 1000 };

static int how_many(struct store *st, const struct app *app, long *keep, struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(st, PROPERTY(app->id, "releases", "keep"), "", &text, err) < 0)
		return -1;
	*keep = KEEP;
	(void)name_to_int(text, 1, KEEP_MAX, keep);
	return 0;
}

static int prune(struct store *st, const struct app *app, struct err *err)
{
	AUTO(unused_release) struct unused u = UNUSED_INIT;
	AUTO(helper_release) struct helper h = HELPER_INIT;
	long keep;

	/* The rows go last: a crash in between leaves something to find again. */
	if (how_many(st, app, &keep, err) < 0 ||
	    release_unused(st, app->id, (int)keep, &u, err) < 0)
		return -1;
	strv_foreach(layer, &u.layers)
		helper_add(&h, "layer-remove", json_pack("{s:s}", "layer", layer));
	strv_foreach(tree, &u.trees)
		helper_add(&h, "static-remove",
			   json_pack("{s:s, s:s}", "app", app->name, "release", tree));
	/* Asked again, where the helper was killed: half removed is no rollback. */
	if (u.layers.len + u.trees.len && helper_run(&h, NULL, err) < 0 &&
	    helper_run(&h, NULL, err) < 0)
		return -1;
	return release_prune(st, app->id, (int)keep, &u, err);
}

void prune_app(struct store *st, const struct app *app, struct out *out)
{
	struct err err;

	if (prune(st, app, &err) < 0)
		out_warn(out, "old releases of %s could not be cleaned up: %s", app->name,
			 err.text);
}
