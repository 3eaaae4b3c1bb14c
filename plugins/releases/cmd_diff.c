/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/releases/releases.h"
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

static bool diff_layers(struct request *req, const struct release *a,
			const struct release *b)
{
	bool any = false;

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

int releases_cmd_diff(struct request *req, struct err *err)
{
	AUTO(release_release) struct release a = RELEASE_INIT;
	AUTO(release_release) struct release b = RELEASE_INIT;
	bool mask = !request_flag(req, "show-values");
	bool any;
	int rc;

	if (releases_find(req, req->argv[1], &a, err) < 0)
		return -1;
	if (req->argc > 2) {
		if (releases_find(req, req->argv[2], &b, err) < 0)
			return -1;
	} else {
		rc = release_live(req->st, req->app.id, &b, err);
		if (rc == STORE_NO_ROW)
			return err_set(err, ERR_REFUSED, "App %s has not been deployed",
				       req->app.name);
		if (rc < 0)
			return -1;
	}
	out_title(req->out, "%s v%lld -> v%lld", req->app.name, (long long)a.number,
		  (long long)b.number);
	any = strcmp(a.revision, b.revision) != 0;
	if (any)
		out_line(req->out, "%-10s %s..%s", "commits", a.revision, b.revision);
	any |= diff_objects(req, "config", a.config, b.config, mask);
	any |= diff_objects(req, "formation", a.formation, b.formation, false);
	any |= diff_objects(req, "process", a.image.processes, b.image.processes, false);
	any |= diff_layers(req, &a, &b);
	if (!any)
		out_line(req->out, "no difference");
	return 0;
}
