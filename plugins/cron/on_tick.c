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

/* So long the host's cron has to run a line of a plugin's, with its output by mail. */
enum { LEAVE_TO_CRON = 2 };

/* The minutes since the last tick; two ticks in one minute look at nothing. */
static int take_span(struct store *st, struct cron_span *span, struct err *err)
{
	AUTO_FREE char *last = NULL;
	AUTO_FREE char *now = NULL;
	int rc = property_find(st, STORE_GLOBAL, "cron", "ticked", &last, err);

	if (rc < 0)
		return -1;
	span->to = clock_now() / 60;
	span->from = rc == 0 ? strtoll(last, NULL, 10) + 1 : span->to;
	/* Nor does a clock that was set back: the minutes have been looked at. */
	if (span->from > span->to + CRON_CATCH_UP)
		span->from = span->to;
	if (span->from <= span->to - CRON_CATCH_UP)
		span->from = span->to - CRON_CATCH_UP + 1;
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

static int tick_app(struct store *st, const struct app *app, const struct cron_span *span,
		    struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;

	if (cron_active(st, app, &tasks, err) < 0)
		return -1;
	for (size_t i = 0; i < tasks.len; i++) {
		const struct task *t = &tasks.v[i];
		int64_t minute = cron_due(&t->when, span);
		int rc;

		if (minute < 0)
			continue;
		rc = cron_take(st, app->id, t->id, minute, err);
		if (rc < 0 || (rc == 0 && start(app, t, err) < 0))
			return -1;
	}
	return 0;
}

/* Each asks for its turn itself, as if cron had started it. */
static int tick_entries(struct store *st, struct cron_span span, struct err *err)
{
	AUTO(cron_entries_release) struct cron_entries entries = CRON_ENTRIES_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	AUTO_FREE char *shell = paths_in(paths_libexec(), "cron-shell");
	bool carried;

	if (cron_entries(st, &entries, err) < 0)
		return -1;
	if (!entries.len)
		return 0;
	if (cron_is_carried(st, &carried, err) < 0)
		return -1;
	span.from -= LEAVE_TO_CRON;
	span.to -= carried ? LEAVE_TO_CRON : 0;
	plugin_environment(&env, NULL);
	for (size_t i = 0; i < entries.len; i++) {
		int64_t minute = cron_due(&entries.v[i].when, &span);
		AUTO_FREE char *text = xasprintf("%lld", (long long)minute);
		const char *const argv[] = { shell, "-c", entries.v[i].line, text, NULL };

		if (minute >= 0 && proc_detach(argv, strv_const(&env), err) < 0)
			return -1;
	}
	return 0;
}

/* What has changed behind our back: crontab(1) has come, a plugin has come or gone. */
static int keep_crontab(struct store *st, struct out *to, struct err *err)
{
	bool right;
	bool old;

	if (cron_crontab_is_right(st, &right, err) < 0 ||
	    cron_entries_are_old(st, &old, err) < 0)
		return -1;
	return right && !old ? 0 : cron_rewrite(st, to, NULL, err);
}

int cron_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct cron_span span;
	struct app app;

	(void)self;
	if (keep_crontab(call->st, call->to, err) < 0 ||
	    take_span(call->st, &span, err) < 0 || app_names(call->st, &names, err) < 0)
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
	return tick_entries(call->st, span, err);
}
