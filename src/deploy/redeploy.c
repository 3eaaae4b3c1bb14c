/* SPDX-License-Identifier: MIT */
#include "deploy/redeploy.h"

#include <string.h>

#include "deploy/lock.h"
#include "deploy/release.h"
#include "deploy/rollout.h"
#include "util/cleanup.h"

/* 0: *live is filled.  TRIGGER_DECLINED: there is nothing to roll out. */
static int find_live(struct trigger_call *call, const struct app *app,
		     struct release *live, struct err *err)
{
	int rc = release_live(call->st, app->id, live, err);

	return rc == STORE_NO_ROW ? TRIGGER_DECLINED : rc;
}

/* Has the app never been deployed, and is nobody at it?  Then a change only waits. */
static int is_idle(struct trigger_call *call, const struct app *app, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	int rc = find_live(call, app, &live, err);

	if (rc <= 0)
		return rc;
	if (deploy_open(call->st, app->id, &open, err) < 0)
		return -1;
	return open.len == 0;
}

static bool is_nested(struct trigger_call *call, const struct app *app)
{
	if (!lock_inherited(app->id) && !plugin_deploy_marked(app->name))
		return false;
	out_note(call->to,
		 "%s is being deployed just now: the change is in its next "
		 "release",
		 app->name);
	return true;
}

/* One line for the release list. */
static const char *reason_of(const char *source)
{
	if (strcmp(source, "config-redeploy") == 0)
		return "config changed";
	if (strcmp(source, "scale") == 0)
		return "formation changed";
	return source;
}

/* 0: the app's work has begun; NESTED: it is at work, and takes this along; TRIGGER_DECLINED:
 * there is nothing to deploy; -1. */
enum { NESTED = TRIGGER_DECLINED + 1 };
static int begin(struct trigger_call *call, struct work *w, const char *source,
		 struct err *err)
{
	int rc;

	if (app_need(call->st, call->argv[0], &w->app, err) < 0)
		return -1;
	if (is_nested(call, &w->app))
		return NESTED;
	rc = is_idle(call, &w->app, err);
	if (rc != 0)
		return rc < 0 ? -1 : TRIGGER_DECLINED;
	return work_start(w, "deploy", source, "", err);
}

int redeploy_on_release_and_deploy(const struct plugin *self, struct trigger_call *call,
				   struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct work w = { .st = call->st, .out = call->to };
	const char *source = call->argv[1] && call->argv[2] ? call->argv[2] : "deploy";
	int rc;

	(void)self;
	rc = begin(call, &w, source, err);
	if (rc != 0)
		return rc == NESTED ? 0 : rc;
	/* Only under the lock is it certain which release is live. */
	rc = find_live(call, &w.app, &live, err);
	if (rc == 0) {
		struct release_want want = { .w = &w,
					     .image = &live.image,
					     .source = source,
					     .reason = reason_of(source),
					     .revision = "",
					     .keep_revision = live.revision,
					     .run_commands = strcmp(source, "scale") !=
							     0 };

		rc = release_make(&want, err);
	}
	work_end(&w, rc == TRIGGER_DECLINED ? 0 : rc, err);
	return rc;
}

int redeploy_on_deploy(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct work w = { .st = call->st, .out = call->to };
	const char *only = call->argv[1] && call->argv[2] ? call->argv[2] : NULL;
	int rc;

	(void)self;
	rc = begin(call, &w, "restart", err);
	if (rc != 0)
		return rc == NESTED ? 0 : rc;
	rc = find_live(call, &w.app, &live, err);
	if (rc == 0) {
		struct rollout ro = { .w = &w,
				      .release = &live,
				      .only = only && *only ? only : NULL,
				      .replace = true };

		rc = rollout_run(&ro, err);
	}
	work_end(&w, rc == TRIGGER_DECLINED ? 0 : rc, err);
	return rc;
}

int redeploy_on_stop(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	struct work w = { .st = call->st, .out = call->to };
	int rc;

	(void)self;
	if (!call->argv[0] || !call->argv[1])
		return err_set(err, ERR_USAGE, "scheduler-stop: SCHEDULER APP [REMOVE]");
	if (app_need(call->st, call->argv[1], &w.app, err) < 0)
		return -1;
	if (lock_inherited(w.app.id)) {
		(void)err_set(err, ERR_REFUSED,
			      "%s is being deployed by what asks to stop it", w.app.name);
		return err_hint(err, "davit ps:stop %s once it is deployed", w.app.name);
	}
	if (work_start(&w, "stop", "stop", "", err) < 0)
		return -1;
	rc = rollout_stop(call->st, &w.app, err);
	work_end(&w, rc, err);
	return rc;
}

int redeploy_on_is_deployed(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct app app;

	(void)self;
	if (!call->argv[0] || !call->argv[1] ||
	    app_need(call->st, call->argv[1], &app, err) < 0)
		return -1;
	int rc = find_live(call, &app, &live, err);

	if (rc == TRIGGER_DECLINED)
		return err_set(err, ERR_REFUSED, "App %s has not been deployed",
			       app.name);
	return rc;
}
