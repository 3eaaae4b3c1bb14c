/* SPDX-License-Identifier: MIT */
#include "deploy/supervise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
#include "util/cleanup.h"
#include "util/clock.h"

enum { RESTARTS = 10, PAUSE_MAX_S = 300, STEADY_S = 600, HOOK_WAITS_S = 60 };

struct policy {
	bool on_success; /* restart after exit 0 as well */
	long limit;      /* -1: none; 0: never restart */
};

static int policy_of(struct store *st, const struct app *app, struct policy *p,
		     struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(st, app->id, "ps", "restart-policy", "on-failure:10", &text,
			 err) < 0)
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

/* Note the end; *again says when to start: wall time, 0 = at no time. */
static int note_exit(struct store *st, const struct app *app, struct instance *in,
		     int64_t *again, struct err *err)
{
	struct policy p;
	bool steady = clock_now() - in->changed_at >= STEADY_S;

	if (policy_of(st, app, &p, err) < 0)
		return -1;
	if (steady)
		in->restarts = 0;
	*again = 0;
	if ((in->exit_code != 0 || p.on_success) &&
	    (p.limit < 0 || in->restarts < p.limit))
		*again = clock_now() + pause_s(in->restarts);
	in->state = INSTANCE_CRASHED;
	in->not_before = *again;
	tell(st, app, in, *again ? "crashed" : "gave up");
	return instance_update(st, in, err);
}

/* Start these rows of one app again and let traffic to those that become ready. */
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

		if (helper_one("delete", json_pack("{s:s}", "id", in.container), NULL,
			       err) < 0)
			return -1;
		fleet_adopt(&f, &in);
	}
	rc = fleet_start(&f, err);
	if (rc == 0)
		rc = ready_wait(&f, err);
	for (size_t i = 0; i < f.len && rc == 0; i++) {
		struct instance now;

		/* A deploy may have replaced it meanwhile. */
		if (instance_find(st, f.v[i].in.container, &now, err) != 0 ||
		    now.state == INSTANCE_DRAINING)
			continue;
		f.v[i].in.state = INSTANCE_READY;
		f.v[i].in.not_before = 0;
		rc = instance_update(st, &f.v[i].in, err);
	}
	if (rc == 0 && !live.image.static_tree)
		rc = route_ready(st, out, app, &live.image, err);
	return rc;
}

static int restart_one(struct store *st, struct out *out, const struct app *app,
		       struct instance *in, struct err *err)
{
	struct instances one = { .v = in, .len = 1 };

	in->restarts++;
	in->state = INSTANCE_STARTING;
	if (instance_update(st, in, err) < 0)
		return -1;
	if (start_again(st, out, app, &one, err) == 0)
		return 0;
	out_warn(out, "%s", err->text);
	describe_exit(in, in->exit_code, false);
	in->state = INSTANCE_CRASHED;
	in->not_before = clock_now() + pause_s(in->restarts);
	return instance_update(st, in, err);
}

static bool host_is_stopping(void)
{
	static const char *const argv[] = { "/usr/bin/systemctl", "is-system-running",
					    NULL };
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc p = { .argv = argv, .env = proc_plain_env, .out = &out };
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
	int64_t again;
	struct app app;

	/* One that is being started, or drained, has somebody who watches it. */
	if (in->state != INSTANCE_READY || host_is_stopping())
		return 0;
	if (app_find_id(st, in->app_id, &app, err) != 0)
		return 0;
	describe_exit(in, code, oom);
	if (note_exit(st, &app, in, &again, err) < 0)
		return -1;
	if (strcmp(in->process, "web") == 0 &&
	    release_live(st, app.id, &live, err) == 0 &&
	    route_ready(st, out, &app, &live.image, err) < 0)
		out_warn(out, "%s", err->text);
	/* A longer pause is left to davit tick. */
	if (!again || again - clock_now() > HOOK_WAITS_S)
		return 0;
	clock_sleep_ms((int)(again - clock_now()) * 1000);
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

static int tick_one(struct trigger_call *call, const json_t *by_id, struct instance *in,
		    struct err *err)
{
	const json_t *item = json_object_get(by_id, in->container);
	struct app app;

	if (in->state == INSTANCE_READY && !runs(by_id, in))
		return instance_ended(
			call->st, call->to, in,
			(int)json_integer_value(json_object_get(item, "code")),
			json_is_true(json_object_get(item, "oom")), err);
	if (in->state == INSTANCE_CRASHED && in->not_before &&
	    in->not_before <= clock_now() &&
	    app_find_id(call->st, in->app_id, &app, err) == 0)
		return restart_one(call->st, call->to, &app, in, err);
	if (in->state == INSTANCE_DRAINING && clock_now() - in->changed_at > 300 &&
	    app_find_id(call->st, in->app_id, &app, err) == 0)
		return retire_in_background(app.name, err);
	return 0;
}

int supervise_on_tick(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	json_t *by_id = NULL;
	int rc = 0;

	(void)self;
	if (recover_interrupted(call->st, call->to, STORE_GLOBAL, err) < 0 ||
	    instance_list(call->st, STORE_GLOBAL, &all, err) < 0)
		return -1;
	if (all.len == 0)
		return 0;
	if (look_around(&by_id, err) < 0)
		return -1;
	for (size_t i = 0; i < all.len; i++)
		if (tick_one(call, by_id, &all.v[i], err) < 0) {
			out_warn(call->to, "%s: %s", all.v[i].container, err->text);
			rc = -1;
		}
	json_decref(by_id);
	return rc;
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
	dead.v = calloc(all.len, sizeof *dead.v);
	for (size_t i = 0; i < all.len; i++)
		if (all.v[i].state == INSTANCE_READY ||
		    all.v[i].state == INSTANCE_CRASHED)
			if (!runs(by_id, &all.v[i]))
				dead.v[dead.len++] = all.v[i];
	json_decref(by_id);
	return start_again(st, out, app, &dead, err);
}
