/* SPDX-License-Identifier: MIT */
/* Whose minute it is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/strv.h"

int64_t cron_due(const struct schedule *when, const struct cron_span *span)
{
	for (int64_t minute = span->to; minute >= span->from; minute--) {
		time_t at = (time_t)(minute * 60);
		struct tm tm;

		if (localtime_r(&at, &tm) && schedule_is_due(when, &tm))
			return minute;
	}
	return -1;
}

/* A minute far ahead was taken before the clock was set back: it does not count. */
static int take(struct store *st, int64_t app_id, const char *key, int64_t minute,
		struct err *err)
{
	AUTO_FREE char *last = NULL;
	AUTO_FREE char *now = xasprintf("%lld", (long long)minute);
	int rc = property_find(st, app_id, "crontab", key, &last, err);
	int64_t taken = rc == 0 ? strtoll(last, NULL, 10) : -1;

	if (rc < 0)
		return -1;
	if (taken >= minute && taken <= minute + CRON_CATCH_UP)
		return CRON_TAKEN;
	return property_set(st, app_id, "crontab", key, now, err) == 0 ? 0 : -1;
}

int cron_take(struct store *st, int64_t app_id, const char *id, int64_t minute,
	      struct err *err)
{
	AUTO_FREE char *key = xasprintf("taken.%s", id);
	int rc;

	if (store_begin(st, err) < 0)
		return -1;
	rc = take(st, app_id, key, minute, err);
	if (rc == 0)
		return store_commit(st, err);
	store_rollback(st);
	return rc;
}

/* "dokku cron:run APP ID" */
static int turn_of_task(struct store *st, const struct strv *words,
			const struct cron_span *span, struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	const struct task *t;
	struct app app;
	int64_t minute;
	int rc = app_find(st, words->v[2], &app, err);

	if (rc != 0)
		return rc < 0 ? -1 : CRON_TAKEN;
	if (cron_active(st, &app, &tasks, err) < 0)
		return -1;
	t = cron_find(&tasks, words->v[3]);
	minute = t ? cron_due(&t->when, span) : -1;
	return minute < 0 ? CRON_TAKEN : cron_take(st, app.id, t->id, minute, err);
}

/* Two plugins may want the same line at other times. */
static int turn_of_entry(struct store *st, const char *line, const struct cron_span *span,
			 struct err *err)
{
	AUTO(cron_entries_release) struct cron_entries entries = CRON_ENTRIES_INIT;
	int rc = CRON_TAKEN;

	if (cron_entries(st, &entries, err) < 0)
		return -1;
	for (size_t i = 0; i < entries.len && rc == CRON_TAKEN; i++) {
		const struct cron_entry *e = &entries.v[i];
		int64_t minute = strcmp(e->line, line) == 0 ? cron_due(&e->when, span)
							    : -1;

		if (minute >= 0)
			rc = cron_take(st, STORE_GLOBAL, e->id, minute, err);
	}
	return rc;
}

/* Exit 0: run it; 1: it has been run, or is not to be. */
int cron_cmd_turn(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct cron_span span = { .to = clock_now() / 60 };
	long minute;
	int rc;

	span.from = span.to - CRON_CATCH_UP + 1;
	if (req->argc > 1) {
		if (!name_to_int(req->argv[1], 0, (long)span.to, &minute))
			return err_set(err, ERR_USAGE,
				       "cron:turn: %.60s is no minute since 1970",
				       req->argv[1]);
		span.from = span.to = minute;
	}
	strv_split(&words, req->argv[0], " ");
	rc = words.len == 4 && strcmp(words.v[0], "dokku") == 0 &&
			     strcmp(words.v[1], "cron:run") == 0
		     ? turn_of_task(req->st, &words, &span, err)
		     : turn_of_entry(req->st, req->argv[0], &span, err);
	return rc == CRON_TAKEN ? err_exit(err, 1) : rc;
}
