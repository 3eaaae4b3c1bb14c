/* SPDX-License-Identifier: MIT */
#include "deploy/recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/lock.h"
#include "deploy/mend.h"
#include "deploy/pushed.h"
#include "deploy/retire.h"
#include "deploy/strays.h"
#include "deploy/supervise.h"
#include "runtime/change.h"
#include "runtime/helper.h"
#include "runtime/sweep.h"
#include "store/deploy.h"
#include "store/property.h"
#include "store/release.h"
#include "store/undo.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

static bool is_gone(const struct deploy *d)
{
	return !proc_lives(d->pid, (unsigned long long)d->pid_started);
}

static int close_row(struct store *st, struct deploy *d, struct err *err)
{
	AUTO_FREE char *work = paths_in(paths_root(), "store/work/%s", d->public_id);
	bool live = d->release_id && strcmp(d->step, "switched") == 0;

	if (d->release_id && !live && release_set_failed(st, d->release_id, err) < 0)
		return -1;
	(void)snprintf(d->state, sizeof d->state, "%s", live ? "succeeded" : "failed");
	d->finished_at = clock_now();
	d->exit_code = live ? 0 : 1;
	if (fs_remove_tree(work, err) < 0)
		return -1;
	return deploy_update(st, d, err);
}

/* The app's lock is held. */
static int recover_row(struct store *st, struct out *out, const struct app *app,
		       struct deploy *d, struct err *err)
{
	out_step(out, "Undoing what was left of the interrupted deploy %s of %s",
		 d->public_id, app->name);
	if (strcmp(d->state, "running") == 0 && mend_app(st, out, app, err) < 0)
		return err_context(err, "recover %s", app->name);
	return close_row(st, d, err);
}

static int recover_one(struct store *st, struct out *out, struct deploy *d,
		       struct err *err)
{
	AUTO_CLOSE int lock = -1;
	struct app app;

	if (app_find_id(st, d->app_id, &app, err) != 0)
		return 0;
	if (lock_try(app.id, &lock, err) != 0)
		return 0; /* a live deploy has begun: it looks after this itself */
	return recover_row(st, out, &app, d, err);
}

int recover_host(struct store *st, struct out *out, struct err *err)
{
	json_t *reply = NULL;
	json_t *name;
	struct app app;
	size_t i;
	int rc = 0;

	if (helper_one("recover", NULL, &reply, err) < 0)
		return -1;
	json_array_foreach(json_object_get(reply, "nginx"), i, name) {
		const char *text = json_string_value(name);

		if (app_find(st, text, &app, err) == 0 &&
		    trigger(st, out, err, TRIGGER_PROXY_BUILD_CONFIG, app.name, NULL) < 0)
			rc = -1;
	}
	json_decref(reply);
	return rc;
}

int recover_before(struct work *w, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	bool any = false;

	if (deploy_open(w->st, w->app.id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++) {
		if (open.v[i].id == w->row.id || !is_gone(&open.v[i]))
			continue;
		any = true;
		if (recover_row(w->st, w->out, &w->app, &open.v[i], err) < 0)
			return -1;
	}
	return any ? recover_host(w->st, w->out, err) : 0;
}

/* Variables and quantities that a dead run was to bring into service go back. */
static int take_back_wishes(struct store *st, int64_t app_id, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;
	int rc = 0;

	if (app_id != STORE_GLOBAL)
		return undo_take_back_dead(st, app_id, err);
	if (undo_apps(st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (app_find(st, name, &app, err) == 0 &&
		    undo_take_back_dead(st, app.id, err) < 0)
			rc = -1;
	return rc;
}

/* Branches that did not follow; an app that is being deployed follows by itself. */
static int mend_branches(struct store *st, int64_t app_id, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;
	int rc = 0;

	if (property_apps(st, "pushed", "", &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		if (app_find(st, name, &app, err) == 0 &&
		    (app_id == STORE_GLOBAL || app_id == app.id) &&
		    pushed_mend_idle(st, &app, err) < 0)
			rc = -1;
	}
	return rc;
}

struct mending {
	struct store *st;
	struct out *out;
	int64_t app_id;
};

/* What follows from the store is written again, and what a push was receiving goes. */
static int mend_app_files(const struct mending *m, const struct app *app, struct err *err)
{
	sweep_new_files(app->name);
	if (trigger(m->st, m->out, err, TRIGGER_VIEWS, app->name, "write", NULL) < 0 ||
	    trigger(m->st, m->out, err, TRIGGER_PROXY_BUILD_CONFIG, app->name, NULL) < 0)
		return -1;
	return pushed_mend_idle(m->st, app, err);
}

/* A change of the host may concern any app. */
static int mend_host_files(const struct mending *m, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;
	int rc;

	sweep_new_files(NULL);
	if (app_names(m->st, &names, err) < 0)
		return -1;
	rc = trigger(m->st, m->out, err, TRIGGER_VIEWS, "--global", "write", NULL);
	strv_foreach(name, &names)
		if (app_find(m->st, name, &app, err) == 0 &&
		    mend_app_files(m, &app, err) < 0)
			rc = -1;
	return rc < 0 ? -1 : 0;
}

static int mend_files(void *ctx, int64_t app_id, struct err *err)
{
	const struct mending *m = ctx;
	struct app app;
	int rc;

	if (m->app_id != STORE_GLOBAL && m->app_id != app_id)
		return CHANGE_LEFT;
	if (app_id == STORE_GLOBAL)
		return mend_host_files(m, err);
	rc = app_find_id(m->st, app_id, &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return mend_app_files(m, &app, err);
}

int recover_interrupted(struct store *st, struct out *out, int64_t app_id,
			struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	struct mending mending = { .st = st, .out = out, .app_id = app_id };

	int rc = take_back_wishes(st, app_id, err);

	if (deploy_open(st, app_id, &open, err) < 0)
		return -1;
	/* One app that cannot be mended keeps no other from it. */
	for (size_t i = 0; i < open.len; i++)
		if (is_gone(&open.v[i]) && recover_one(st, out, &open.v[i], err) < 0)
			rc = -1;
	if (change_each_dead(mend_files, &mending, err) < 0)
		rc = -1;
	return mend_branches(st, app_id, err) < 0 ? -1 : rc;
}

int recover_app(struct store *st, struct out *out, const struct app *app, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	int rc = lock_try(app->id, &lock, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0; /* a deploy is at work here */
	return mend_app(st, out, app, err);
}

int recover_on_recover(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	struct app app = { .id = STORE_GLOBAL };

	(void)self;
	if (call->argv[0] && app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	if (recover_interrupted(call->st, call->to, app.id, err) < 0 ||
	    recover_host(call->st, call->to, err) < 0 ||
	    strays_remove(call->st, call->to, err) < 0)
		return -1;
	/* One that was asked for by name is mended in any case. */
	return call->argv[0] ? recover_app(call->st, call->to, &app, err) : 0;
}

static int restore_app(struct trigger_call *call, const struct app *app, struct err *err)
{
	AUTO_FREE char *restore = NULL;
	AUTO_CLOSE int lock = -1;
	bool draining = false;
	int rc = lock_try(app->id, &lock, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0; /* a deploy is at work here */
	if (property_get(call->st, PROPERTY(app->id, "ps", "restore"), "true", &restore,
			 err) < 0)
		return -1;
	if (strcmp(restore, "false") == 0)
		return 0;
	if (mend_starting(call->st, app, &draining, err) < 0 ||
	    supervise_start_missing(call->st, call->to, app, err) < 0)
		return -1;
	if (trigger(call->st, call->to, err, TRIGGER_PROXY_BUILD_CONFIG, app->name,
		    NULL) < 0)
		return -1;
	return draining ? retire_all(call->st, app, true, err) : 0;
}

int recover_on_restore(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;
	int rc = 0;

	(void)self;
	if (helper_one("net-up", NULL, NULL, err) < 0)
		return -1;
	/* Remains that cannot be removed are no reason to leave apps down. */
	if (helper_one("recover", NULL, NULL, err) < 0) {
		out_warn(call->to, "%s", err->text);
		rc = -1;
	}
	if (trigger(call->st, call->to, err, TRIGGER_PRE_RESTORE, NULL) < 0) {
		out_warn(call->to, "%s", err->text);
		rc = -1;
	}
	if (call->argv[0])
		strv_add(&names, call->argv[0]);
	else if (app_names(call->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		if (app_find(call->st, name, &app, err) != 0)
			continue;
		if (trigger(call->st, call->to, err, TRIGGER_SCHEDULER_PRE_RESTORE,
			    "docker-local", name, NULL) < 0 ||
		    restore_app(call, &app, err) < 0) {
			out_warn(call->to, "%s: %s", name, err->text);
			rc = -1;
		}
	}
	/* Last: what serves again is pointed at, and the rest is removed. */
	if (recover_interrupted(call->st, call->to, STORE_GLOBAL, err) < 0 ||
	    strays_remove(call->st, call->to, err) < 0) {
		out_warn(call->to, "%s", err->text);
		rc = -1;
	}
	return rc;
}
