/* SPDX-License-Identifier: MIT */
#include "plugins/apps/apps.h"
#include "store/property.h"
#include "util/cleanup.h"

static const struct setting rows[] = {
	{ "deploy-source", "", SETTING_APP, NULL },
	{ "deploy-source-metadata", "", SETTING_APP, NULL },
	{ "disable-autocreation", "false", SETTING_GLOBAL, setting_is_bool },
};

const struct settings apps_settings = {
	.plugin = "apps",
	.prefix = "app-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
};

static int fill_app(struct report *r, struct request *req, const struct app *app,
		    struct err *err)
{
	AUTO_FREE char *source = NULL;
	AUTO_FREE char *metadata = NULL;
	AUTO_FREE char *dir = apps_repository(app->name);

	if (property_get(req->st, PROPERTY(app->id, "apps", "deploy-source"), "", &source,
			 err) < 0 ||
	    property_get(req->st, PROPERTY(app->id, "apps", "deploy-source-metadata"), "",
			 &metadata, err) < 0)
		return -1;
	report_addf(r, "app-created-at", "%lld", (long long)app->created_at);
	report_add(r, "app-deploy-source", source);
	report_add(r, "app-deploy-source-metadata", metadata);
	report_add(r, "app-dir", dir);
	report_add_bool(r, "app-locked", app->locked);
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO_FREE char *disable = NULL;

	if (property_get(req->st, PROPERTY(STORE_GLOBAL, "apps", "disable-autocreation"),
			 "false", &disable, err) < 0)
		return -1;
	report_add(r, "app-global-disable-autocreation", disable);
	return app->id == STORE_GLOBAL ? 0 : fill_app(r, req, app, err);
}

int apps_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "app",
						 .prefix = "app-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}

int apps_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &apps_settings, err);
}
