/* SPDX-License-Identifier: MIT */
#include "deploy/supervise.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deploy/background.h"
#include "deploy/crash.h"
#include "deploy/fleet.h"
#include "deploy/liveness.h"
#include "deploy/lock.h"
#include "deploy/ready.h"
#include "deploy/recover.h"
#include "deploy/restart.h"
#include "deploy/retire.h"
#include "deploy/route.h"
#include "runtime/helper.h"
#include "store/instance.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/host.h"
#include "util/proc.h"

enum {
	HOOK_WAITS_S = 60,
	DRAINED_S = 5, /* whoever drained it is at it by then */
	STARTED_S = 1800,
	UNFIT_CODE = 143, /* as of one that SIGTERM ends */
};

/* What is known of an end. */
struct end {
	int code;
	long kills; /* processes of it that were killed for memory */
	bool oom;
	long routed; /* instances that its app's route has still; -1: it may be in it itself */
};

static struct end end_of(int code, const json_t *state)
{
	return (struct end){
		.code = code,
		.kills = (long)json_integer_value(json_object_get(state, "oom_kills")),
		.oom = json_is_true(json_object_get(state, "oom")),
		.routed = -1,
	};
}

/* An earlier kill of one of its processes, which it survived, is not why it ended. */
static bool was_oom(const struct instance *in, const struct end *e)
{
	return e->kills > in->oom_kills || (e->code == 128 + SIGKILL && e->oom);
}

static bool another_serves(struct store *st, const struct instance *in)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	struct err ignored;

	if (instance_list(st, in->app_id, &all, &ignored) < 0)
		return true;
	for (size_t i = 0; i < all.len; i++)
		if (strcmp(all.v[i].process, "web") == 0 &&
		    all.v[i].state == INSTANCE_READY)
			return true;
	return false;
}

static void route_away(struct store *st, struct out *out, const struct app *app,
		       const struct instance *in)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct err err;

	if (strcmp(in->process, "web") == 0 &&
	    release_live(st, app->id, &live, &err) == 0 &&
	    route_ready(st, out, app, &live.image, &err) < 0)
		out_warn(out, "%s", err.text);
}

static int instance_ended(struct store *st, struct out *out, struct instance *in,
			  const struct end *e, struct err *err)
{
	struct app app;
	int64_t pause;
	int rc;

	/* One that is being started, or drained, has somebody who watches it. */
	if (in->state != INSTANCE_READY)
		return 0;
	if (app_find_id(st, in->app_id, &app, err) != 0)
		return 0;
	crash_describe(in, e->code, was_oom(in, e));
	rc = crash_note(st, &app, in, INSTANCE_READY, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	/* davit-root took it out at once.  Where that left none, one that is not fit may answer. */
	if (e->routed < 0 || (e->routed == 0 && another_serves(st, in)))
		route_away(st, out, &app, in);
	/* A longer pause is left to davit tick. */
	pause = in->not_before - clock_now();
	if (!in->not_before || pause > HOOK_WAITS_S)
		return 0;
	if (pause > 0)
		clock_sleep_ms((int)pause * 1000);
	return pause > 0 && host_is_stopping() ? 0 : restart_one(st, out, &app, in, err);
}

/* The hook's words CODE KILLS OOM ROUTED; what is not said is asked for. */
static void take_end(const char *const *words, const char *container, struct end *e)
{
	json_t *state = NULL;
	struct err ignored;
	long code = 1;
	long oom;

	if (words[0])
		(void)name_to_int(words[0], 0, 255, &code);
	*e = end_of((int)code, NULL);
	if (words[0] && words[1] && words[2] && words[3] &&
	    name_to_int(words[1], 0, INT_MAX, &e->kills) &&
	    name_to_int(words[2], 0, 1, &oom)) {
		e->oom = oom;
		(void)name_to_int(words[3], 0, INT_MAX, &e->routed);
		return;
	}
	(void)helper_one("state", json_pack("{s:s}", "id", container), &state, &ignored);
	*e = end_of((int)code, state);
	json_decref(state);
}

int supervise_on_exited(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	struct instance in;
	struct end e;
	int rc;

	(void)self;
	if (!call->argv[0])
		return err_set(err, ERR_USAGE, "a container is missing");
	rc = instance_find(call->st, call->argv[0], &in, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	take_end(call->argv + 1, in.container, &e);
	return instance_ended(call->st, call->to, &in, &e, err);
}

/* What davit-root says of every container, by id. */
int supervise_look_around(json_t **by_id, struct err *err)
{
	json_t *reply = NULL;
	json_t *item;
	size_t i;

	if (helper_one("list", NULL, &reply, err) < 0)
		return -1;
	*by_id = json_object();
	json_array_foreach(json_object_get(reply, "instances"), i, item)
		(void)json_object_set(
			*by_id, json_string_value(json_object_get(item, "id")), item);
	json_decref(reply);
	return 0;
}

bool supervise_runs(const json_t *by_id, const struct instance *in)
{
	const json_t *item = json_object_get(by_id, in->container);
	const char *state = json_string_value(json_object_get(item, "state"));

	return state && strcmp(state, "running") == 0;
}

/* Whoever was starting it again is gone. */
static bool start_was_lost(const struct instance *in)
{
	return in->owner && !proc_lives(in->owner, (unsigned long long)in->owner_started);
}

static int take_over(struct trigger_call *call, struct instance *in, struct err *err)
{
	struct app app;
	int rc;

	if (!in->restarts) /* of a deploy */
		return app_find_id(call->st, in->app_id, &app, err) == 0
			       ? recover_app(call->st, call->to, &app, err)
			       : 0;
	in->state = INSTANCE_CRASHED;
	in->not_before = clock_now();
	rc = instance_update(call->st, in, INSTANCE_STARTING, err);
	return rc == 0  ? background_run("instance-restart", in->container, err)
	       : rc < 0 ? -1
			: 0;
}

/* How it ended; a container that is gone without a word was killed. */
static int code_of(const json_t *item)
{
	const json_t *code = json_object_get(item, "code");

	return json_is_integer(code) ? (int)json_integer_value(code) : 128 + SIGKILL;
}

/* A process of it was killed, and it went on: said once. */
static int note_kills(struct trigger_call *call, const json_t *item, struct instance *in,
		      struct err *err)
{
	int kills = (int)json_integer_value(json_object_get(item, "oom_kills"));

	if (kills <= in->oom_kills)
		return 0;
	crash_tell(call->st, in, LOG_LEVEL_ERROR,
		   "a process was killed: out of memory; davit resource:limit --memory "
		   "SIZE gives more");
	return instance_set_oom_kills(call->st, in->id, kills, err);
}

static int look_at_running(struct trigger_call *call, const json_t *item,
			   struct instance *in, struct err *err)
{
	const json_t *watched = json_object_get(item, "watched");

	if (note_kills(call, item, in, err) < 0)
		return -1;
	/* Its conmon is gone: nobody would see its end, and nobody takes its output. */
	if (json_is_false(watched))
		return background_run("instance-restart", in->container, err);
	return 0;
}

static int tick_one(struct trigger_call *call, const json_t *by_id, struct instance *in,
		    struct err *err)
{
	const json_t *item = json_object_get(by_id, in->container);
	int64_t age = clock_now() - in->changed_at;
	struct app app;
	struct end e;

	switch (in->state) {
	case INSTANCE_READY:
		if (supervise_runs(by_id, in))
			return look_at_running(call, item, in, err);
		e = end_of(code_of(item), item);
		return instance_ended(call->st, call->to, in, &e, err);
	case INSTANCE_CRASHED:
		/* In a process of its own: it may take a while to come up. */
		if (!in->not_before || in->not_before > clock_now())
			return 0;
		return background_run("instance-restart", in->container, err);
	case INSTANCE_DRAINING:
		if (age <= DRAINED_S || lock_is_retiring(in->app_id) ||
		    app_find_id(call->st, in->app_id, &app, err) != 0)
			return 0;
		return retire_in_background(app.name, err);
	case INSTANCE_STARTING:
		return start_was_lost(in) || age > STARTED_S ? take_over(call, in, err)
							     : 0;
	}
	return 0;
}

static void start_checks(struct store *st, int64_t app_id)
{
	struct err ignored;
	struct app app;

	if (app_find_id(st, app_id, &app, &ignored) == 0)
		liveness_start(st, &app, true);
}

int supervise_on_tick(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	json_t *by_id = NULL;
	int rc = 0;

	(void)self;
	/* What has ended by now is started by the boot. */
	if (host_is_stopping())
		return 0;
	if (recover_interrupted(call->st, call->to, STORE_GLOBAL, err) < 0) {
		out_warn(call->to, "%s", err->text);
		rc = -1;
	}
	if (instance_list(call->st, STORE_GLOBAL, &all, err) < 0)
		return -1;
	if (supervise_look_around(&by_id, err) < 0)
		return -1;
	/* One app's trouble is said, and keeps nobody else's minute back. */
	for (size_t i = 0; i < all.len; i++) {
		if (tick_one(call, by_id, &all.v[i], err) < 0)
			out_warn(call->to, "%s: %s", all.v[i].container, err->text);
		if (i + 1 == all.len || all.v[i].app_id != all.v[i + 1].app_id)
			start_checks(call->st, all.v[i].app_id);
	}
	json_decref(by_id);
	/* Last: how the dead ended has been read by now. */
	if (recover_host(call->st, call->to, err) < 0) {
		out_warn(call->to, "%s", err->text);
		rc = -1;
	}
	return rc;
}

/* There is never a row more nor a row less that serves. */
static int take_place(struct store *st, struct instance *in, struct instance *old,
		      struct err *err)
{
	int rc;

	if (store_begin(st, err) < 0)
		return -1;
	in->state = INSTANCE_READY;
	old->state = INSTANCE_DRAINING;
	rc = instance_update(st, in, INSTANCE_STARTING, err);
	if (rc == 0)
		rc = instance_update(st, old, INSTANCE_READY, err);
	if (rc == STORE_NO_ROW)
		rc = err_set(err, ERR_REFUSED, "%s was removed meanwhile", in->container);
	if (rc == 0)
		return store_commit(st, err);
	store_rollback(st);
	return -1;
}

/* Another one in its place, which serves before this one goes. */
static int replace_unwatched(struct store *st, struct out *out, const struct app *app,
			     struct instance *old, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_CLOSE int lock = -1;
	struct work w = {
		.st = st, .out = out, .app = *app, .lock_fd = -1, .switched = true
	};
	AUTO(fleet_release) struct fleet f = { .w = &w, .release = &live };
	int rc = lock_try(app->id, &lock, err);

	if (rc != 0)
		return rc < 0 ? -1
			      : 0; /* a deploy is at work: the next tick looks again */
	/* Somebody may have done it before the lock was ours. */
	rc = instance_find(st, old->container, old, err);
	if (rc == 0 && old->state != INSTANCE_READY)
		return 0;
	if (rc == 0)
		rc = release_live(st, app->id, &live, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	crash_tell(st, old, LOG_LEVEL_WARNING,
		   "its watcher (conmon) ended: another instance takes its place");
	f.port = route_port(st, out, app, &live.image);
	fleet_add(&f, old->process, old->number);
	if (fleet_start(&f, err) < 0 || ready_wait(&f, err) < 0 ||
	    take_place(st, &f.v[0].in, old, err) < 0) {
		fleet_remove(&f);
		return -1;
	}
	return retire_in_background(app->name, err); /* traffic leaves it there */
}

static bool is_unwatched(const struct instance *in)
{
	json_t *state = NULL;
	struct err ignored;
	bool lost;

	if (in->state != INSTANCE_READY ||
	    helper_one("state", json_pack("{s:s}", "id", in->container), &state,
		       &ignored) < 0)
		return false;
	lost = json_is_false(json_object_get(state, "watched"));
	json_decref(state);
	return lost;
}

int supervise_on_restart(const struct plugin *self, struct trigger_call *call,
			 struct err *err)
{
	struct instance in;
	struct app app;
	int64_t pause;
	int rc;

	(void)self;
	if (!call->argv[0])
		return err_set(err, ERR_USAGE, "a container is missing");
	rc = instance_find(call->st, call->argv[0], &in, err);
	if (rc == 0)
		rc = app_find_id(call->st, in.app_id, &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (is_unwatched(&in))
		return replace_unwatched(call->st, call->to, &app, &in, err);
	pause = in.not_before - clock_now();
	if (in.state != INSTANCE_CRASHED || !in.not_before || pause > HOOK_WAITS_S)
		return 0; /* somebody was faster */
	if (pause > 0)
		clock_sleep_ms((int)pause * 1000);
	return host_is_stopping() ? 0 : restart_one(call->st, call->to, &app, &in, err);
}

int supervise_unfit(struct store *st, struct out *out, const struct app *app,
		    struct instance *in, const char *why, struct err *err)
{
	bool may;
	long grace;
	int rc;

	if (crash_may_restart(st, app, &may, err) < 0 ||
	    retire_grace(st, app, &grace, err) < 0)
		return -1;
	(void)snprintf(in->exit_why, sizeof in->exit_why, "%s", why);
	if (!may) {
		crash_unfit(st, app, in);
		return 0;
	}
	in->exit_code = UNFIT_CODE;
	rc = crash_note(st, app, in, INSTANCE_READY, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	route_away(st, out, app, in);
	if (helper_one("stop",
		       json_pack("{s:s, s:I}", "id", in->container, "grace_ms",
				 (json_int_t)grace * 1000),
		       NULL, err) < 0)
		return -1;
	return in->not_before ? background_run("instance-restart", in->container, err)
			      : 0;
}

int supervise_start_missing(struct store *st, struct out *out, const struct app *app,
			    struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	AUTO(instances_release) struct instances dead = INSTANCES_INIT;
	json_t *by_id = NULL;

	if (instance_list(st, app->id, &all, err) < 0)
		return -1;
	if (all.len == 0)
		return 0;
	if (supervise_look_around(&by_id, err) < 0)
		return -1;
	dead.v = xcalloc(all.len, sizeof *dead.v);
	for (size_t i = 0; i < all.len; i++)
		if (all.v[i].state == INSTANCE_READY ||
		    all.v[i].state == INSTANCE_CRASHED)
			if (!supervise_runs(by_id, &all.v[i]))
				dead.v[dead.len++] = all.v[i];
	json_decref(by_id);
	return restart_instances(st, out, app, &dead, err);
}
