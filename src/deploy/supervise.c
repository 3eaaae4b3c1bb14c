/* SPDX-License-Identifier: MIT */
#include "deploy/supervise.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deploy/background.h"
#include "deploy/fleet.h"
#include "deploy/ready.h"
#include "deploy/recover.h"
#include "deploy/retire.h"
#include "deploy/route.h"
#include "runtime/helper.h"
#include "store/event.h"
#include "store/instance.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum {
	RESTARTS = 10,
	PAUSE_MAX_S = 300,
	STEADY_S = 600,
	HOOK_WAITS_S = 60,
	DRAINED_S = 300, /* whoever drained or started it is gone by then */
	STARTED_S = 1800,
};

struct policy {
	bool on_success; /* restart after exit 0 as well */
	long limit;      /* -1: none; 0: never restart */
};

static int policy_of(struct store *st, const struct app *app, struct policy *p,
		     struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(st, PROPERTY(app->id, "ps", "restart-policy"), "on-failure:10",
			 &text, err) < 0)
		return -1;
	*p = (struct policy){ .limit = RESTARTS };
	if (strcmp(text, "no") == 0)
		p->limit = 0;
	else if (strcmp(text, "always") == 0 || strcmp(text, "unless-stopped") == 0)
		*p = (struct policy){ .on_success = true, .limit = -1 };
	else if (strncmp(text, "on-failure:", 11) == 0)
		(void)name_to_int(text + 11, 0, 1000000, &p->limit);
	return 0;
}

static int64_t pause_s(int restarts)
{
	int64_t s = 1;

	if (restarts == 0)
		return 0;
	for (int i = 1; i < restarts && s < PAUSE_MAX_S; i++)
		s *= 2;
	return s < PAUSE_MAX_S ? s : PAUSE_MAX_S;
}

static void describe_exit(struct instance *in, int code, bool oom)
{
	in->exit_code = code;
	if (oom)
		(void)snprintf(in->exit_why, sizeof in->exit_why, "out of memory");
	else if (code > 128)
		(void)snprintf(in->exit_why, sizeof in->exit_why, "signal %d",
			       code - 128);
	else
		(void)snprintf(in->exit_why, sizeof in->exit_why, "exit status %d", code);
}

static void tell(struct store *st, const struct app *app, const struct instance *in,
		 const char *result)
{
	AUTO(buf_release) struct buf detail = BUF_INIT;
	struct err ignored;

	buf_addf(&detail, "%s.%d: %s, restart %d", in->process, in->number, in->exit_why,
		 in->restarts);
	(void)event_add(st,
			&(struct event){ .app = app->name,
					 .actor = "davit",
					 .command = "instance",
					 .result = result,
					 .detail = detail.data },
			&ignored);
}

/* The policy's word on an instance that has ended: when to start it again, wall time;
 * 0 = at no time. */
static int decide(struct store *st, const struct app *app, struct instance *in,
		  bool failed, struct err *err)
{
	struct policy p;
	bool again;

	if (policy_of(st, app, &p, err) < 0)
		return -1;
	again = (failed || p.on_success) && (p.limit < 0 || in->restarts < p.limit);
	in->state = INSTANCE_CRASHED;
	in->not_before = again ? clock_now() + pause_s(in->restarts) : 0;
	return 0;
}

/* From `from` to crashed; STORE_NO_ROW when somebody else has dealt with it. */
static int note_exit(struct store *st, const struct app *app, struct instance *in,
		     enum instance_state from, struct err *err)
{
	int rc;

	if (clock_now() - in->changed_at >= STEADY_S)
		in->restarts = 0;
	if (decide(st, app, in, in->exit_code != 0, err) < 0)
		return -1;
	rc = instance_update(st, in, from, err);
	if (rc == 0)
		tell(st, app, in, in->not_before ? "crashed" : "gave up");
	return rc;
}

static void delete_container(const struct instance *in)
{
	struct err ignored;

	(void)helper_one("delete", json_pack("{s:s}", "id", in->container), NULL,
			 &ignored);
}

/* It did not come up; err says why. */
static void not_started(struct fleet *f, struct instance *in, struct err *err)
{
	struct store *st = f->w->st;
	struct err ignored;

	out_warn(f->w->out, "%s.%d: %s", in->process, in->number, err->text);
	delete_container(in);
	(void)snprintf(in->exit_why, sizeof in->exit_why, "did not start");
	if (decide(st, &f->w->app, in, true, &ignored) == 0 &&
	    instance_update(st, in, INSTANCE_STARTING, &ignored) == 0)
		tell(st, &f->w->app, in, in->not_before ? "crashed" : "gave up");
}

/* The row is ours from here on: deploys leave it alone or drain it. */
static int claim(struct store *st, struct instance *in, struct err *err)
{
	enum instance_state from = in->state;

	in->state = INSTANCE_STARTING;
	in->restarts++; /* what a deploy starts has none */
	return instance_update(st, in, from, err);
}

/* It answers: let traffic to it.  STORE_NO_ROW: it was replaced meanwhile. */
static int enter_service(struct fleet *f, struct instance *in, struct err *err)
{
	struct store *st = f->w->st;
	int rc;

	in->state = INSTANCE_READY;
	in->not_before = 0;
	rc = instance_update(st, in, INSTANCE_STARTING, err);
	if (rc == STORE_NO_ROW)
		delete_container(in);
	if (rc != 0 || strcmp(in->process, "web") != 0 || f->release->image.static_tree)
		return rc;
	return route_ready(st, f->w->out, &f->w->app, &f->release->image, err);
}

static struct fleet only(const struct fleet *f, struct member *m)
{
	struct fleet one = *f;

	one.v = m;
	one.len = 1;
	return one;
}

/* Each for itself: one that does not come up keeps no other from serving. */
static int start_fleet(struct fleet *f, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < f->len; i++) {
		struct fleet one = only(f, &f->v[i]);

		delete_container(&f->v[i].in);
		if (fleet_start(&one, err) == 0)
			continue;
		not_started(f, &f->v[i].in, err);
		rc = -1;
	}
	for (size_t i = 0; i < f->len; i++) {
		struct fleet one = only(f, &f->v[i]);

		if (f->v[i].in.state != INSTANCE_STARTING)
			continue;
		if (ready_wait(&one, err) == 0 && enter_service(f, &f->v[i].in, err) >= 0)
			continue;
		not_started(f, &f->v[i].in, err);
		rc = -1;
	}
	return rc;
}

/* Start these rows of one app again. */
static int start_again(struct store *st, struct out *out, const struct app *app,
		       const struct instances *list, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct work w = {
		.st = st, .out = out, .app = *app, .lock_fd = -1, .switched = true
	};
	AUTO(fleet_release) struct fleet f = { .w = &w, .release = &live };
	int rc = release_live(st, app->id, &live, err);

	if (rc != 0)
		return rc == STORE_NO_ROW ? 0 : -1;
	f.port = route_port(st, out, app, &live.image);
	for (size_t i = 0; i < list->len; i++) {
		struct instance in = list->v[i];

		rc = claim(st, &in, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			fleet_adopt(&f, &in);
	}
	return start_fleet(&f, err);
}

static int restart_one(struct store *st, struct out *out, const struct app *app,
		       struct instance *in, struct err *err)
{
	return start_again(st, out, app, &(struct instances){ .v = in, .len = 1 }, err);
}

static bool host_is_stopping(void)
{
	static const char *const argv[] = { "/usr/bin/systemctl", "is-system-running",
					    NULL };
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc p = {
		.argv = argv, .env = proc_plain_env, .out = &out, .timeout_ms = 2000
	};
	struct proc_end end;
	struct err ignored;

	if (access("/run/systemd/system", F_OK) < 0 || proc_run(&p, &end, &ignored) < 0)
		return false;
	return strncmp(out.data, "stopping", 8) == 0;
}

static int instance_ended(struct store *st, struct out *out, struct instance *in,
			  int code, bool oom, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct app app;
	int64_t pause;
	int rc;

	/* One that is being started, or drained, has somebody who watches it. */
	if (in->state != INSTANCE_READY || host_is_stopping())
		return 0;
	if (app_find_id(st, in->app_id, &app, err) != 0)
		return 0;
	describe_exit(in, code, oom);
	rc = note_exit(st, &app, in, INSTANCE_READY, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (strcmp(in->process, "web") == 0 &&
	    release_live(st, app.id, &live, err) == 0 &&
	    route_ready(st, out, &app, &live.image, err) < 0)
		out_warn(out, "%s", err->text);
	/* A longer pause is left to davit tick. */
	pause = in->not_before - clock_now();
	if (!in->not_before || pause > HOOK_WAITS_S)
		return 0;
	if (pause > 0)
		clock_sleep_ms((int)pause * 1000);
	return restart_one(st, out, &app, in, err);
}

int supervise_on_exited(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	struct instance in;
	json_t *state = NULL;
	struct err ignored;
	bool oom = false;
	long code = 1;
	int rc;

	(void)self;
	if (!call->argv[0])
		return err_set(err, ERR_USAGE, "a container is missing");
	rc = instance_find(call->st, call->argv[0], &in, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (call->argv[1])
		(void)name_to_int(call->argv[1], 0, 255, &code);
	if (helper_one("state", json_pack("{s:s}", "id", in.container), &state,
		       &ignored) == 0)
		oom = json_is_true(json_object_get(state, "oom"));
	json_decref(state);
	return instance_ended(call->st, call->to, &in, (int)code, oom, err);
}

/* What davit-root says of every container, by id. */
static int look_around(json_t **by_id, struct err *err)
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

static bool runs(const json_t *by_id, const struct instance *in)
{
	const json_t *item = json_object_get(by_id, in->container);
	const char *state = json_string_value(json_object_get(item, "state"));

	return state && strcmp(state, "running") == 0;
}

/* Whoever was starting it again is gone. */
static int start_was_lost(struct trigger_call *call, struct instance *in, struct err *err)
{
	in->state = INSTANCE_CRASHED;
	in->not_before = clock_now();
	return instance_update(call->st, in, INSTANCE_STARTING, err) < 0 ? -1 : 0;
}

/* How it ended; a container that is gone without a word was killed. */
static int code_of(const json_t *item)
{
	const json_t *code = json_object_get(item, "code");

	return json_is_integer(code) ? (int)json_integer_value(code) : 128 + SIGKILL;
}

static int tick_one(struct trigger_call *call, const json_t *by_id, struct instance *in,
		    struct err *err)
{
	const json_t *item = json_object_get(by_id, in->container);
	int64_t age = clock_now() - in->changed_at;
	struct app app;

	switch (in->state) {
	case INSTANCE_READY:
		if (runs(by_id, in))
			return 0;
		return instance_ended(call->st, call->to, in, code_of(item),
				      json_is_true(json_object_get(item, "oom")), err);
	case INSTANCE_CRASHED:
		/* In a process of its own: it may take a while to come up. */
		if (!in->not_before || in->not_before > clock_now())
			return 0;
		return background_run("instance-restart", in->container, err);
	case INSTANCE_DRAINING:
		if (age <= DRAINED_S || app_find_id(call->st, in->app_id, &app, err) != 0)
			return 0;
		return retire_in_background(app.name, err);
	case INSTANCE_STARTING:
		return in->restarts && age > STARTED_S ? start_was_lost(call, in, err)
						       : 0;
	}
	return 0;
}

int supervise_on_tick(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	json_t *by_id = NULL;
	int rc = 0;

	(void)self;
	if (recover_interrupted(call->st, call->to, STORE_GLOBAL, err) < 0) {
		out_warn(call->to, "%s", err->text);
		rc = -1;
	}
	if (instance_list(call->st, STORE_GLOBAL, &all, err) < 0)
		return -1;
	if (all.len == 0)
		return rc;
	if (look_around(&by_id, err) < 0)
		return -1;
	/* One app's trouble is said, and keeps nobody else's minute back. */
	for (size_t i = 0; i < all.len; i++)
		if (tick_one(call, by_id, &all.v[i], err) < 0)
			out_warn(call->to, "%s: %s", all.v[i].container, err->text);
	json_decref(by_id);
	return rc;
}

int supervise_on_restart(const struct plugin *self, struct trigger_call *call,
			 struct err *err)
{
	struct instance in;
	struct app app;
	int rc;

	(void)self;
	if (!call->argv[0])
		return err_set(err, ERR_USAGE, "a container is missing");
	rc = instance_find(call->st, call->argv[0], &in, err);
	if (rc == 0)
		rc = app_find_id(call->st, in.app_id, &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (in.state != INSTANCE_CRASHED || !in.not_before || in.not_before > clock_now())
		return 0; /* somebody was faster */
	return restart_one(call->st, call->to, &app, &in, err);
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
	if (look_around(&by_id, err) < 0)
		return -1;
	dead.v = xcalloc(all.len, sizeof *dead.v);
	for (size_t i = 0; i < all.len; i++)
		if (all.v[i].state == INSTANCE_READY ||
		    all.v[i].state == INSTANCE_CRASHED)
			if (!runs(by_id, &all.v[i]))
				dead.v[dead.len++] = all.v[i];
	json_decref(by_id);
	return start_again(st, out, app, &dead, err);
}
