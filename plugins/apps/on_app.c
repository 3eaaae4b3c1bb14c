/* SPDX-License-Identifier: MIT */
/* Triggers by which other plugins create, find, list and destroy apps. */
#include <string.h>

#include "plugins/apps/apps.h"
#include "store/property.h"
#include "util/cleanup.h"

static int find(struct trigger_call *call, struct app *app, struct err *err)
{
	const char *name = call->argv[0] ? call->argv[0] : "";
	int rc = app_find(call->st, name, app, err);

	return rc == STORE_NO_ROW ? app_missing(name, err) : rc;
}

int apps_on_app_create(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	(void)self;
	return apps_make(call->st, call->to, call->argv[0] ? call->argv[0] : "", NULL,
			 err);
}

int apps_on_app_destroy(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	struct app app;

	(void)self;
	if (find(call, &app, err) < 0 || apps_check_idle(call->st, &app, err) < 0)
		return -1;
	return apps_destroy(call->st, call->to, &app, err);
}

int apps_on_app_exists(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	struct app app;

	(void)self;
	return find(call, &app, err);
}

int apps_on_app_list(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	(void)self;
	if (app_names(call->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		buf_addf(&call->out, "%s\n", name);
	return 0;
}

int apps_on_app_maybe_create(const struct plugin *self, struct trigger_call *call,
			     struct err *err)
{
	AUTO_FREE char *disabled = NULL;
	const char *name = call->argv[0] ? call->argv[0] : "";
	struct app app;
	int rc = app_find(call->st, name, &app, err);

	(void)self;
	if (rc <= 0)
		return rc;
	if (property_get(call->st, PROPERTY(STORE_GLOBAL, "apps", "disable-autocreation"),
			 "false", &disabled, err) < 0)
		return -1;
	if (strcmp(disabled, "true") == 0) {
		(void)err_set(err, ERR_NO_APP,
			      "App %s does not exist, and a push does not create it",
			      name);
		return err_hint(err, "davit apps:create %s", name);
	}
	return apps_make(call->st, call->to, name, NULL, err);
}

int apps_on_deploy_source_set(const struct plugin *self, struct trigger_call *call,
			      struct err *err)
{
	const char *type = call->argv[0] ? call->argv[1] : NULL;
	const char *metadata = type ? call->argv[2] : NULL;
	struct app app;

	(void)self;
	if (find(call, &app, err) < 0)
		return -1;
	if (property_set(call->st, app.id, "apps", "deploy-source", type ? type : "",
			 err) < 0)
		return -1;
	return property_set(call->st, app.id, "apps", "deploy-source-metadata",
			    metadata ? metadata : "", err) < 0
		       ? -1
		       : 0;
}
