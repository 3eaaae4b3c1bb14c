/* SPDX-License-Identifier: MIT */
/* Deploys beyond the retention are forgotten, with their output. */
#include <stdlib.h>
#include <unistd.h>

#include "plugins/builds/builds.h"
#include "store/property.h"
#include "util/cleanup.h"

static int prune_app(struct store *st, const struct app *app, struct err *err)
{
	AUTO(deploys_release) struct deploys old = DEPLOYS_INIT;
	AUTO_FREE char *text = NULL;
	long keep = 20;

	if (property_get(st, PROPERTY(app->id, "builds", "retention"), "20", &text, err) <
	    0)
		return -1;
	(void)name_to_int(text, 1, 100000, &keep);
	if (deploy_beyond(st, app->id, (int)keep, &old, err) < 0)
		return -1;
	for (size_t i = 0; i < old.len; i++) {
		AUTO_FREE char *log = builds_log_path(app->name, &old.v[i]);
		AUTO_FREE char *record = builds_record_path(app->name, &old.v[i]);

		(void)unlink(log);
		(void)unlink(record);
		if (deploy_delete(st, old.v[i].id, err) < 0)
			return -1;
	}
	return 0;
}

int builds_cmd_prune(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;

	if (req->app.id)
		return prune_app(req->st, &req->app, err);
	if (!request_flag(req, "all-apps") && !request_flag(req, "all"))
		return err_set(err, ERR_USAGE,
			       "Please specify an app to run the command on, "
			       "or --all-apps");
	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (app_find(req->st, name, &app, err) == 0 &&
		    prune_app(req->st, &app, err) < 0)
			return -1;
	return 0;
}

int builds_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;

	(void)self;
	if (app_names(call->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (app_find(call->st, name, &app, err) == 0 &&
		    prune_app(call->st, &app, err) < 0)
			return -1;
	return 0;
}
