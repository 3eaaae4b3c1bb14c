/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/paths.h"
#include "util/proc.h"

/* A timer that comes late makes up for this many minutes, and no more. */
enum { CATCH_UP = 15 };

struct span {
	int64_t from; /* minutes since 1970, both looked at */
	int64_t to;
};

static bool is_due(const struct task *t, const struct span *span)
{
	for (int64_t minute = span->from; minute <= span->to; minute++) {
		time_t at = (time_t)(minute * 60);
		struct tm tm;

		if (localtime_r(&at, &tm) && schedule_is_due(&t->when, &tm))
			return true;
	}
	return false;
}

/* The minutes since the last tick; two ticks in one minute look at nothing. */
static int take_span(struct store *st, struct span *span, struct err *err)
{
	AUTO_FREE char *last = NULL;
	AUTO_FREE char *now = NULL;
	int rc = property_find(st, STORE_GLOBAL, "cron", "ticked", &last, err);

	if (rc < 0)
		return -1;
	span->to = clock_now() / 60;
	span->from = rc == 0 ? strtoll(last, NULL, 10) + 1 : span->to;
	/* Nor does a clock that was set back: the minutes have been looked at. */
	if (span->from > span->to + CATCH_UP)
		span->from = span->to;
	if (span->from <= span->to - CATCH_UP)
		span->from = span->to - CATCH_UP + 1;
	now = xasprintf("%lld", (long long)span->to);
	return span->from > span->to
		       ? 0
		       : property_set(st, STORE_GLOBAL, "cron", "ticked", now, err);
}

static int start(const struct app *app, const struct task *t, struct err *err)
{
	AUTO_FREE char *self = paths_davit();
	const char *const argv[] = {
		self, "cron:run", app->name, t->id, "--detach", NULL
	};

	return proc_detach(argv, (const char *const *)environ, err);
}

/* A stopped app's tasks do not run. */
static int is_stopped(struct store *st, const struct app *app, bool *stopped,
		      struct err *err)
{
	AUTO_FREE char *restore = NULL;

	if (property_get(st, PROPERTY(app->id, "ps", "restore"), "true", &restore, err) <
	    0)
		return -1;
	*stopped = strcmp(restore, "false") == 0;
	return 0;
}

static int tick_app(struct store *st, const struct app *app, const struct span *span,
		    struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	bool stopped = false;
	bool rests = false;

	if (cron_tasks(st, app, &tasks, err) < 0)
		return -1;
	if (tasks.len && (is_stopped(st, app, &stopped, err) < 0 ||
			  cron_app_rests(st, app, &rests, err) < 0))
		return -1;
	for (size_t i = 0; i < tasks.len && !stopped && !rests; i++) {
		bool task_rests;

		if (!is_due(&tasks.v[i], span))
			continue;
		if (cron_task_rests(st, app, &tasks.v[i], &task_rests, err) < 0 ||
		    (!task_rests && start(app, &tasks.v[i], err) < 0))
			return -1;
	}
	return 0;
}

int cron_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct span span;
	struct app app;

	(void)self;
	if (take_span(call->st, &span, err) < 0 || app_names(call->st, &names, err) < 0)
		return -1;
	if (span.from > span.to)
		return 0;
	strv_foreach(name, &names) {
		struct err one;

		/* One app's trouble is not another's. */
		if (app_find(call->st, name, &app, &one) == 0 &&
		    tick_app(call->st, &app, &span, &one) < 0)
			out_warn(call->to, "cron of %s: %s", name, one.text);
	}
	return 0;
}
