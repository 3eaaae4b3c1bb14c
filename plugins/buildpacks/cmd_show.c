/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugin/plugin.h"
#include "plugins/buildpacks/buildpacks.h"
#include "store/property.h"
#include "util/cleanup.h"

static const struct setting rows[] = { { "stack", "", SETTING_BOTH, NULL } };
static const struct settings settings = { "buildpacks", "buildpacks-", rows, 1 };

int buildpacks_cmd_list(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;

	if (property_list(req->st, req->app.id, "buildpacks", "buildpacks", &packs, err) <
	    0)
		return -1;
	out_title(req->out, "%s buildpack urls", req->app.name);
	strv_foreach(pack, &packs)
		out_line(req->out, "       %s", pack);
	return 0;
}

int buildpacks_cmd_set_property(struct request *req, struct err *err)
{
	AUTO_FREE char *was = NULL;
	AUTO_FREE char *is = NULL;
	const struct property_key stack = PROPERTY(req->app.id, "buildpacks", "stack");

	if (property_get(req->st, stack, "", &was, err) < 0 ||
	    settings_set(req, &settings, err) < 0 ||
	    property_get(req->st, stack, "", &is, err) < 0)
		return -1;
	if (req->app.id == STORE_GLOBAL || strcmp(was, is) == 0)
		return 0;
	return trigger(req->st, req->out, err, TRIGGER_POST_STACK_SET, req->app.name, is,
		       NULL) < 0
		       ? -1
		       : 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO(strv_release) struct strv packs = STRV_INIT;
	AUTO_FREE char *text = NULL;

	if (settings_report(r, req->st, app, &settings, err) < 0)
		return -1;
	if (app->id == STORE_GLOBAL)
		return 0;
	if (property_list(req->st, app->id, "buildpacks", "buildpacks", &packs, err) < 0)
		return -1;
	text = strv_join(&packs, ",");
	report_add(r, "buildpacks-list", text);
	return 0;
}

int buildpacks_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "buildpacks",
						 .prefix = "buildpacks-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}
