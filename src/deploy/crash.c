/* SPDX-License-Identifier: MIT */
#include "deploy/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/applog.h"
#include "store/event.h"
#include "store/property.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum {
	RESTARTS = 10,
	PAUSE_MAX_S = 300,
	STEADY_S = 600,
};

#define POLICY "on-failure:10"

struct policy {
	bool on_success; /* restart after exit 0 as well */
	long limit;      /* -1: none; 0: never restart */
};

static int policy_of(struct store *st, const struct app *app, struct policy *p,
		     struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(st, PROPERTY(app->id, "ps", "restart-policy"), POLICY, &text,
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

void crash_describe(struct instance *in, int code, bool oom)
{
	in->exit_code = code;
	in->oom_kills = 0;
	if (oom)
		(void)snprintf(in->exit_why, sizeof in->exit_why,
			       "killed: out of memory");
	else if (code > 128)
		(void)snprintf(in->exit_why, sizeof in->exit_why, "signal %d",
			       code - 128);
	else
		(void)snprintf(in->exit_why, sizeof in->exit_why, "exit status %d", code);
}

static void tell_event(struct store *st, const struct app *app, const struct instance *in,
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

void crash_tell(struct store *st, const struct instance *in, enum log_level level,
		const char *what)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	char process[LOG_NAME];
	struct err ignored;

	(void)snprintf(process, sizeof process, "%s.%d", in->process, in->number);
	(void)release_find_id(st, in->release_id, &r, &ignored);
	applog_add(&(struct applog){ .app_id = in->app_id,
				     .process = process,
				     .release = (int)r.number,
				     .level = level },
		   "%s", what);
}

/* That it ended, and what comes next: a line in the app's log. */
static void tell_end(struct store *st, const struct app *app, const struct instance *in)
{
	AUTO(buf_release) struct buf what = BUF_INIT;
	AUTO_FREE char *policy = NULL;
	int64_t pause = in->not_before - clock_now();
	struct err ignored;

	(void)property_get(st, PROPERTY(app->id, "ps", "restart-policy"), POLICY, &policy,
			   &ignored);
	buf_addf(&what, "ended: %s; ", in->exit_why);
	if (!in->not_before)
		buf_addf(&what,
			 "not started again: restart-policy is %s, %d restart%s so far; "
			 "davit ps:restart %s",
			 policy ? policy : "unknown", in->restarts,
			 in->restarts == 1 ? "" : "s", app->name);
	else if (pause > 0)
		buf_addf(&what, "starts again in %lld s", (long long)pause);
	else
		buf_adds(&what, "starts again at once");
	crash_tell(st, in, in->exit_code ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		   what.data);
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
	in->exited_at = clock_now();
	in->not_before = again ? clock_now() + pause_s(in->restarts) : 0;
	return 0;
}

int crash_note(struct store *st, const struct app *app, struct instance *in,
	       enum instance_state from, struct err *err)
{
	int rc;

	if (clock_now() - in->changed_at >= STEADY_S)
		in->restarts = 0;
	if (decide(st, app, in, in->exit_code != 0, err) < 0)
		return -1;
	/* Row and event together: one sync. */
	if (store_begin(st, err) < 0)
		return -1;
	rc = instance_update(st, in, from, err);
	if (rc != 0) {
		store_rollback(st);
		return rc;
	}
	tell_event(st, app, in, in->not_before ? "crashed" : "gave up");
	if (store_commit(st, err) < 0)
		return -1;
	tell_end(st, app, in);
	return 0;
}

int crash_may_restart(struct store *st, const struct app *app, bool *may, struct err *err)
{
	struct policy p;

	if (policy_of(st, app, &p, err) < 0)
		return -1;
	*may = p.limit != 0;
	return 0;
}

void crash_unfit(struct store *st, const struct app *app, const struct instance *in)
{
	crash_tell(st, in, LOG_LEVEL_ERROR, in->exit_why);
	tell_event(st, app, in, "unfit");
}
