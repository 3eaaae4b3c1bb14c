/* SPDX-License-Identifier: MIT */
/* From what the buildpacks said to the image: process types, environment, or a site. */
#include <string.h>

#include "plugins/builder-buildpack/buildpack.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "runtime/procfile.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/yaml.h"

/* What a buildpack's own bin/release says is weaker than the Procfile and the config. */
static int take_release(struct image *im, const char *text, size_t len, struct err *err)
{
	const char *key;
	json_t *release;
	json_t *value;

	if (yaml_parse(text, len, &release, err) < 0)
		return err_context(err, "bin/release of a buildpack");
	json_object_foreach(json_object_get(release, "default_process_types"), key, value)
		if (json_is_string(value) && name_is_process(key) &&
		    !json_object_get(im->processes, key))
			(void)json_object_set(im->processes, key, value);
	json_object_foreach(json_object_get(release, "config_vars"), key, value)
		if (json_is_string(value) && name_is_env(key))
			(void)json_object_set(im->env, key, value);
	json_decref(release);
	return 0;
}

/* One document for each buildpack, the last one's words first: it decides. */
static int take_releases(struct image *im, const char *text, struct err *err)
{
	const char *end = text + strlen(text);

	for (const char *at = end; at > text;) {
		do
			at--;
		while (at > text && !(at[-1] == '\n' && strncmp(at, "---", 3) == 0));
		if (take_release(im, at, (size_t)(end - at), err) < 0)
			return -1;
		end = at;
	}
	return 0;
}

/* A buildpack may write the Procfile that the source does not have; one that the source has
 * was read already, or is not the one that ps:set procfile-path names. */
static int take_procfile(const struct build *b, const char *text, struct err *err)
{
	struct image *im = b->call->image;
	AUTO_FREE char *own = paths_in(b->dir, "Procfile");
	json_t *types;

	if (!text || !*text || json_object_size(im->processes) || fs_exists(own))
		return 0;
	if (procfile_parse(text, strlen(text), &types, err) < 0)
		return err_context(err, "the Procfile that a buildpack wrote");
	json_decref(im->processes);
	im->processes = types;
	return 0;
}

static int drop_layers(struct build *b, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;

	strv_foreach(layer, &b->made)
		helper_add(&h, "layer-remove", json_pack("{s:s}", "layer", layer));
	strv_release(&b->made);
	strv_init(&b->made);
	return h.ops ? helper_run(&h, NULL, err) : 0;
}

/* nginx serves it: no process, and no layer but the dependencies for the next build. */
static int make_site(struct build *b, const char *dir, struct err *err)
{
	struct image *im = b->call->image;
	AUTO_FREE char *tree = xasprintf("site-%s", b->stamp);

	if (site_export(b, &im->layers, dir, tree, err) < 0 || drop_layers(b, err) < 0)
		return -1;
	strv_release(&im->layers);
	strv_init(&im->layers);
	im->static_tree = take_str(&tree);
	return 0;
}

/* ps:set procfile-path may name another file than the one that is there. */
static int no_process(struct build *b, struct err *err)
{
	AUTO_FREE char *name = NULL;

	if (property_get(b->call->st, PROPERTY(b->app.id, "ps", "procfile-path"),
			 "Procfile", &name, err) < 0)
		return -1;
	(void)err_set(err, ERR_APP,
		      "nothing tells which process to start: there is no %s", name);
	if (strcmp(name, "Procfile") != 0)
		return err_hint(err,
				"davit ps:set %s procfile-path names a file of the "
				"repository; without a value it is Procfile",
				b->app.name);
	return err_hint(
		err, "add a file Procfile with a line like \"web: command\" that listens "
		     "on $PORT, commit, and push again");
}

int result_finish(struct build *b, struct err *err)
{
	struct image *im = b->call->image;
	const char *site = memo_text(b, "static");

	im->builder = xstrdup("buildpack");
	im->language = xstrdup(memo_text(b, "language") ? memo_text(b, "language") : "");
	if (!im->processes)
		im->processes = json_object();
	if (!im->env)
		im->env = json_object();
	if (!im->port)
		im->port = CONTAINER_WEB_PORT;
	if (take_procfile(b, memo_text(b, "procfile"), err) < 0 ||
	    (memo_text(b, "release") &&
	     take_releases(im, memo_text(b, "release"), err) < 0))
		return -1;
	if (site && !json_object_size(im->processes))
		return make_site(b, site, err);
	return json_object_size(im->processes) ? 0 : no_process(b, err);
}
