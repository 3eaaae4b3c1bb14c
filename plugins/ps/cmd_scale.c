/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/ps/ps.h"
#include "store/formation.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static void print_json(struct out *out, const json_t *types)
{
	json_t *list = json_array();
	const char *type;
	json_t *quantity;

	json_object_foreach((json_t *)types, type, quantity)
		(void)json_array_append_new(list, json_pack("{s:s, s:O}", "process_type",
							    type, "quantity", quantity));
	report_print_json(out, list);
}

static void print_table(struct out *out, const char *app, const json_t *types)
{
	const char *type;
	json_t *quantity;

	out_step(out, "Scaling for %s", app);
	if (!out->quiet)
		out_line(out, "proctype: qty\n--------: ---");
	json_object_foreach((json_t *)types, type, quantity) {
		AUTO_FREE char *label = xasprintf("%s:", type);

		out_line(out, "%-5s %lld", label,
			 (long long)json_integer_value(quantity));
	}
}

/* What is listed: the formation, and the release command, of which none runs ever. */
static int listed(struct request *req, json_t **types, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(json_at) json_t *kept = NULL;
	const char *type;
	json_t *quantity;
	bool missing;
	int rc = release_live(req->st, req->app.id, &live, err);

	if (rc < 0 || formation_load(req->st, req->app.id, &kept, err) < 0)
		return -1;
	missing = rc == 0 && image_command(&live.image, "release");
	*types = json_object();
	json_object_foreach(kept, type, quantity) {
		if (missing && strcmp(type, "release") > 0) {
			(void)json_object_set_new(*types, "release", json_integer(0));
			missing = false;
		}
		(void)json_object_set(*types, type, quantity);
	}
	if (missing)
		(void)json_object_set_new(*types, "release", json_integer(0));
	return 0;
}

static int show(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *types = NULL;
	const char *format = request_value(req, "format");

	if (format && strcmp(format, "json") != 0 && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s specified: it is json or stdout",
			       format);
	if (listed(req, &types, err) < 0)
		return -1;
	if (format && strcmp(format, "json") == 0)
		print_json(req->out, types);
	else
		print_table(req->out, req->app.name, types);
	return 0;
}

int ps_cmd_scale(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *types = NULL;
	AUTO_FREE char *can_scale = NULL;
	AUTO_FREE char *words = NULL;
	AUTO(strv_release) struct strv list = STRV_INIT;
	unsigned how = 0;

	if (req->argc == 1)
		return show(req, err);
	if (ps_parse_scale(req->argv + 1, &types, err) < 0 ||
	    property_get(req->st, PROPERTY(req->app.id, "ps", "can-scale"), "true",
			 &can_scale, err) < 0)
		return -1;
	if (strcmp(can_scale, "false") == 0) {
		(void)err_set(
			err, ERR_REFUSED,
			"App %s contains an app.json file with a formations key and "
			"cannot be manually scaled",
			req->app.name);
		return err_hint(err, "change the quantities there and push");
	}
	for (int i = 1; i < req->argc; i++)
		strv_add(&list, req->argv[i]);
	words = strv_join(&list, " ");
	out_step(req->out, "Scaling %s processes: %s", req->app.name, words);
	if (!request_flag(req, "skip-deploy"))
		how |= PS_DEPLOY;
	if (request_flag(req, "strict"))
		how |= PS_STRICT;
	return ps_scale(req->st, req->out, &req->app, types, how, err);
}
