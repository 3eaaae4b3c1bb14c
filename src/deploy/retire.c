/* SPDX-License-Identifier: MIT */
#include "deploy/retire.h"

#include <stdlib.h>
#include <string.h>

#include "deploy/background.h"
#include "deploy/lock.h"
#include "deploy/route.h"
#include "runtime/helper.h"
#include "store/instance.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { DRAIN_S = 60, STOP_S = 30, POLL_FIRST_MS = 30, POLL_MAX_MS = 500 };

int retire_in_background(const char *app, struct err *err)
{
	return background_run("instance-retire", app, err);
}

static int seconds(struct store *st, struct property_key key, long otherwise, long *out,
		   struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(st, key, "", &text, err) < 0)
		return -1;
	*out = otherwise;
	(void)name_to_int(text, 0, 86400, out);
	return 0;
}

int retire_grace(struct store *st, const struct app *app, long *grace, struct err *err)
{
	return seconds(st, PROPERTY(app->id, "ps", "stop-timeout-seconds"), STOP_S, grace,
		       err);
}

static bool has_connections(const struct instance *in)
{
	json_t *state = NULL;
	struct err ignored;
	bool any;

	if (helper_one("state", json_pack("{s:s}", "id", in->container), &state,
		       &ignored) < 0)
		return false;
	any = json_integer_value(json_object_get(state, "connections")) > 0;
	json_decref(state);
	return any;
}

static void drain(const struct instance *in, int64_t deadline)
{
	int pause = POLL_FIRST_MS;

	if (strcmp(in->process, "web") != 0)
		return;
	/* A connection that nginx began just before the switch is there by then. */
	do {
		clock_sleep_ms(pause);
		pause = pause * 2 < POLL_MAX_MS ? pause * 2 : POLL_MAX_MS;
	} while (clock_ms() < deadline && has_connections(in));
}

static int stop(struct store *st, const struct instance *in, long grace_s,
		struct err *err)
{
	if (helper_one("stop",
		       json_pack("{s:s, s:I}", "id", in->container, "grace_ms",
				 (json_int_t)grace_s * 1000),
		       NULL, err) < 0)
		return err_context(err, "stop %s", in->container);
	return instance_delete(st, in->id, err);
}

static void tell_failure(struct store *st, const struct app *app,
			 const struct instance *in)
{
	struct out out = { .quiet = true };
	struct err ignored;

	(void)trigger(st, &out, &ignored, TRIGGER_RETIRE_CONTAINER_FAILED, app->name,
		      in->container, NULL);
}

/* Whoever replaced them may have died before traffic left them. */
static int turn_away(struct store *st, const struct app *app,
		     const struct instances *list, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < list->len; i++)
		any |= list->v[i].state == INSTANCE_DRAINING &&
		       strcmp(list->v[i].process, "web") == 0;
	/* Long after the deploy: what a hook of it changed would be another one. */
	return any ? route_ready_again(st, app, err) : 0;
}

int retire_all(struct store *st, const struct app *app, bool now, struct err *err)
{
	AUTO(instances_release) struct instances list = INSTANCES_INIT;
	AUTO_CLOSE int lock = -1;
	int64_t deadline;
	long drain_s;
	long stop_s;
	int rc = 0;

	if (seconds(st, PROPERTY(app->id, "checks", "wait-to-retire"), DRAIN_S, &drain_s,
		    err) < 0 ||
	    retire_grace(st, app, &stop_s, err) < 0 ||
	    lock_retire(app->id, &lock, err) < 0 ||
	    instance_list(st, app->id, &list, err) < 0 ||
	    turn_away(st, app, &list, err) < 0)
		return -1;
	deadline = clock_ms() + (int64_t)drain_s * 1000;
	/* Workers first: they need no draining, and would do work twice meanwhile. */
	for (int web = 0; web < 2; web++)
		for (size_t i = 0; i < list.len; i++) {
			const struct instance *in = &list.v[i];

			if (in->state != INSTANCE_DRAINING ||
			    (strcmp(in->process, "web") == 0) != web)
				continue;
			if (!now)
				drain(in, deadline);
			if (stop(st, in, stop_s, err) < 0) {
				tell_failure(st, app, in);
				rc = -1;
			}
		}
	return rc;
}

int retire_on_retire(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	struct app app;
	int rc;

	(void)self;
	if (!call->argv[0])
		return err_set(err, ERR_USAGE, "an app's name is missing");
	rc = app_find(call->st, call->argv[0], &app, err);
	if (rc != 0)
		return rc < 0 ? -1
			      : 0; /* destroyed meanwhile, and its instances with it */
	return retire_all(call->st, &app, false, err);
}
