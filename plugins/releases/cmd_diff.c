/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "plugins/releases/releases.h"
#include "store/config.h"
#include "store/formation.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

/* One side of a difference: "(none)", a number, or a value that may be secret. */
static char *side(const json_t *value, bool mask)
{
	if (!value)
		return strdup("(none)");
	if (mask)
		return strdup("*****");
	return json_is_string(value) ? strdup(json_string_value(value))
				     : json_dumps(value, JSON_ENCODE_ANY);
}

static bool diff_objects(struct request *req, const char *what, json_t *a, json_t *b,
			 bool mask)
{
	AUTO(json_at) json_t *keys = json_object();
	const char *key;
	json_t *value;
	bool any = false;

	(void)json_object_update(keys, a);
	(void)json_object_update(keys, b);
	json_object_foreach(keys, key, value) {
		json_t *left = json_object_get(a, key);
		json_t *right = json_object_get(b, key);
		AUTO_FREE char *was = side(left, mask);
		AUTO_FREE char *is = side(right, mask);

		if (left && right && json_equal(left, right))
			continue;
		out_line(req->out, "%-10s %s: %s -> %s", what, key, was, is);
		any = true;
	}
	return any;
}

/* A static site is one tree, by the name that it has on this host. */
static bool diff_site(struct request *req, const char *was, const char *is)
{
	if ((!was && !is) || (was && is && strcmp(was, is) == 0))
		return false;
	if (was)
		out_line(req->out, "%-10s - %s", "site", was);
	if (is)
		out_line(req->out, "%-10s + %s", "site", is);
	return true;
}

static bool diff_layers(struct request *req, const struct release *a,
			const struct release *b)
{
	bool any = diff_site(req, a->image.static_tree, b->image.static_tree);

	strv_foreach(layer, &a->image.layers)
		if (strv_find(&b->image.layers, layer) < 0) {
			out_line(req->out, "%-10s - %s", "layer", layer);
			any = true;
		}
	strv_foreach(layer, &b->image.layers)
		if (strv_find(&a->image.layers, layer) < 0) {
			out_line(req->out, "%-10s + %s", "layer", layer);
			any = true;
		}
	return any;
}

/* What the store would make a release of just now: the live one's image with the variables
 * and the formation that wait (config:set --no-restart, ps:scale --skip-deploy). */
static int load_next(struct request *req, struct release *r, struct err *err)
{
	if (releases_find(req, "live", r, err) < 0)
		return -1;
	json_decref(r->config);
	json_decref(r->formation);
	r->config = NULL;
	r->formation = NULL;
	return config_merged(req->st, req->app.id, &r->config, err) < 0
		       ? -1
		       : formation_load(req->st, req->app.id, &r->formation, err);
}

int releases_staged(struct request *req, bool *staged, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(release_release) struct release next = RELEASE_INIT;
	int rc = release_live(req->st, req->app.id, &live, err);

	*staged = false;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (load_next(req, &next, err) < 0)
		return -1;
	*staged = !json_equal(live.config, next.config) ||
		  !json_equal(live.formation, next.formation);
	return 0;
}

static int load(struct request *req, const char *word, struct release *r, struct err *err)
{
	return strcmp(word, "next") == 0 ? load_next(req, r, err)
					 : releases_find(req, word, r, err);
}

static void title_of(const char *word, const struct release *r, char out[32])
{
	if (strcmp(word, "next") == 0)
		(void)snprintf(out, 32, "next");
	else
		(void)snprintf(out, 32, "v%lld", (long long)r->number);
}

int releases_cmd_diff(struct request *req, struct err *err)
{
	AUTO(release_release) struct release a = RELEASE_INIT;
	AUTO(release_release) struct release b = RELEASE_INIT;
	const char *from = req->argc > 1 ? req->argv[1] : "live";
	const char *to = req->argc > 2 ? req->argv[2] : req->argc > 1 ? "live" : "next";
	bool mask = !request_flag(req, "show-values");
	char left[32];
	char right[32];
	bool any;

	if (load(req, from, &a, err) < 0 || load(req, to, &b, err) < 0)
		return -1;
	title_of(from, &a, left);
	title_of(to, &b, right);
	out_title(req->out, "%s %s -> %s", req->app.name, left, right);
	any = releases_diff_commits(req, a.revision, b.revision);
	any |= diff_objects(req, "config", a.config, b.config, mask);
	any |= diff_objects(req, "formation", a.formation, b.formation, false);
	any |= diff_objects(req, "process", a.image.processes, b.image.processes, false);
	any |= diff_layers(req, &a, &b);
	if (!any)
		out_line(req->out, "no difference");
	return 0;
}
