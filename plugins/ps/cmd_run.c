/* SPDX-License-Identifier: MIT */
/* ps:start, :stop, :restart and :rebuild, of one app or of all. */
#include <string.h>

#include "plugins/ps/ps.h"
#include "store/property.h"
#include "util/cleanup.h"

/* 0, or STORE_NO_ROW after the warning that clients know. */
static int find_live(struct request *req, const struct app *app, struct release *live,
		     struct err *err)
{
	int rc = release_live(req->st, app->id, live, err);

	if (rc == STORE_NO_ROW)
		out_warn(req->out, "App %s has not been deployed", app->name);
	return rc;
}

static int set_wanted(struct store *st, const struct app *app, bool wanted,
		      struct err *err)
{
	return property_set(st, app->id, "ps", "restore", wanted ? "true" : "false",
			    err) < 0
		       ? -1
		       : 0;
}

static int start_one(struct request *req, const struct app *app, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	enum ps_running state;
	struct err ignored;
	bool was;
	int count;
	int rc = find_live(req, app, &live, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (ps_wanted(req->st, app->id, &was, err) < 0 ||
	    ps_state(req->st, app->id, &live, &state, &count, err) < 0)
		return -1;
	if (was && state == PS_RUNNING) {
		out_step(req->out, "App %s is already running", app->name);
		return 0;
	}
	out_step(req->out, "Starting %s", app->name);
	if (trigger(req->st, req->out, err, TRIGGER_PRE_START, app->name, NULL) < 0 ||
	    set_wanted(req->st, app, true, err) < 0)
		return -1;
	if (trigger(req->st, req->out, err, TRIGGER_DEPLOY, app->name, "", NULL) < 0) {
		(void)set_wanted(req->st, app, was, &ignored);
		return -1;
	}
	return trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, app->name,
		       NULL) < 0
		       ? -1
		       : 0;
}

int ps_cmd_start(struct request *req, struct err *err)
{
	return request_each(req, start_one, err);
}

static int stop_one(struct request *req, const struct app *app, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = find_live(req, app, &live, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	out_step(req->out, "Stopping %s", app->name);
	/* Written first: nothing starts it again while it stops. */
	if (set_wanted(req->st, app, false, err) < 0 ||
	    trigger(req->st, req->out, err, TRIGGER_SCHEDULER_STOP, "docker-local",
		    app->name, NULL) < 0 ||
	    trigger(req->st, req->out, err, TRIGGER_POST_STOP, app->name, NULL) < 0)
		return -1;
	return 0;
}

int ps_cmd_stop(struct request *req, struct err *err)
{
	return request_each(req, stop_one, err);
}

static int restart_one(struct request *req, const struct app *app, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	const char *type = req->app.id != STORE_GLOBAL && req->argc > 1 ? req->argv[1]
									: NULL;
	int rc = find_live(req, app, &live, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (type && !image_command(&live.image, type)) {
		(void)err_set(err, ERR_USAGE, "%.100s is not a process type of %s", type,
			      app->name);
		return err_hint(err, "davit ps:scale %s lists them", app->name);
	}
	out_step(req->out, "Restarting %s", app->name);
	return trigger(req->st, req->out, err, TRIGGER_DEPLOY, app->name, "", type,
		       NULL) < 0
		       ? -1
		       : 0;
}

int ps_cmd_restart(struct request *req, struct err *err)
{
	return request_each(req, restart_one, err);
}

static int rebuild_one(struct request *req, const struct app *app, struct err *err)
{
	out_step(req->out, "Rebuilding %s", app->name);
	return trigger(req->st, req->out, err, TRIGGER_RECEIVE_APP, app->name, NULL) < 0
		       ? -1
		       : 0;
}

int ps_cmd_rebuild(struct request *req, struct err *err)
{
	return request_each(req, rebuild_one, err);
}

/* deploy <app> [<tag>] [<type>]: there is one image, that of the live release. */
int ps_cmd_deploy(struct request *req, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = find_live(req, &req->app, &live, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return trigger(req->st, req->out, err, TRIGGER_DEPLOY, req->app.name,
		       req->argc > 1 ? req->argv[1] : "",
		       req->argc > 2 ? req->argv[2] : NULL, NULL) < 0
		       ? -1
		       : 0;
}

static int retire_one(struct request *req, const struct app *app, struct err *err)
{
	return trigger(req->st, req->out, err, TRIGGER_INSTANCE_RETIRE, app->name, NULL) <
			       0
		       ? -1
		       : 0;
}

int ps_cmd_retire(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (req->app.id != STORE_GLOBAL)
		return retire_one(req, &req->app, err);
	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;
		int rc = app_find(req->st, name, &app, err);

		if (rc < 0 || (rc == 0 && retire_one(req, &app, err) < 0))
			return -1;
	}
	return 0;
}
