/* SPDX-License-Identifier: MIT */
/*
 * Tasks of app.json, and of plugins (cron-entries), that run by the clock.
 *
 * The store says what is due.  Two clocks may come and ask: `davit tick`, each minute, and the
 * host's cron, which reads the crontab of davit's user that is written here for whoever looks
 * at it.  A task runs once for its minute, for whoever takes that minute first (cron_take):
 * the crontab's shell asks cron:turn before it runs a line.
 *
 * Properties "cron": maintenance (app or host), maintenance.ID, last.ID (the container of
 * the task's last run in the background), ticked (host: the last minute looked at).
 * Properties "crontab": lines (the app's), taken.ID (the last minute that was taken); of the
 * host: entries (of plugins), plugins (as of when), text (the last written), carried.
 */
#ifndef DAVIT_PLUGINS_CRON_CRON_H
#define DAVIT_PLUGINS_CRON_CRON_H

#include "command/report.h"
#include "plugin/plugin.h"
#include "runtime/tasks.h"

int cron_cmd_list(struct request *req, struct err *err);
int cron_cmd_report(struct request *req, struct err *err);
int cron_cmd_run(struct request *req, struct err *err);
int cron_cmd_set(struct request *req, struct err *err);
/* cron:suspend and cron:resume. */
int cron_cmd_switch(struct request *req, struct err *err);
/* cron:turn: may this line of the crontab run now? */
int cron_cmd_turn(struct request *req, struct err *err);

trigger_fn cron_on_tick;
trigger_fn cron_on_write;  /* scheduler-cron-write, cron-write */
trigger_fn cron_on_change; /* after a deploy or a command: has the app other lines now? */
trigger_fn cron_on_clone;
trigger_fn cron_on_rename;

/* The tasks of the live release; none where there is none. */
int cron_tasks(struct store *st, const struct app *app, struct tasks *list,
	       struct err *err);
const struct task *cron_find(const struct tasks *tasks, const char *id);
/* Is the whole app, or the host, in maintenance? */
int cron_app_rests(struct store *st, const struct app *app, bool *rests, struct err *err);
/* Is this task, by its property or by app.json? */
int cron_task_rests(struct store *st, const struct app *app, const struct task *t,
		    bool *rests, struct err *err);
/* Those of them that the clock runs: none of a stopped app, or in maintenance. */
int cron_active(struct store *st, const struct app *app, struct tasks *list,
		struct err *err);

/* --- turns: turn.c ----------------------------------------------------------------- */

/* A clock that comes late makes up for this many minutes, and no more. */
enum { CRON_CATCH_UP = 15 };

/* Minutes since 1970, both looked at. */
struct cron_span {
	int64_t from;
	int64_t to;
};

/* The last minute of *span when it is due, or -1. */
int64_t cron_due(const struct schedule *when, const struct cron_span *span);
/* 0: the minute is the caller's, and nobody else's.  CRON_TAKEN: it was somebody's. */
enum { CRON_TAKEN = 1 };
int cron_take(struct store *st, int64_t app_id, const char *id, int64_t minute,
	      struct err *err);

/* --- tasks of plugins: entries.c --------------------------------------------------- */

struct cron_entry {
	char *id;
	char *command;
	char *schedule;
	char *line; /* what the crontab runs */
	struct schedule when;
};

struct cron_entries {
	struct cron_entry *v;
	size_t len;
};

#define CRON_ENTRIES_INIT \
	{                 \
		.v = NULL \
	}

void cron_entries_release(struct cron_entries *list);
/* Ask the plugins again; what was new does not run for the minute that is now. */
int cron_entries_ask(struct store *st, struct out *to, struct err *err);
/* What they answered then. */
int cron_entries(struct store *st, struct cron_entries *list, struct err *err);
/* Have plugins come or gone since? */
int cron_entries_are_old(struct store *st, bool *old, struct err *err);

/* --- the crontab: crontab.c -------------------------------------------------------- */

/* scheduler-cron-write: of one app, or of all (NULL). */
int cron_rewrite(struct store *st, struct out *to, const char *app, struct err *err);
/* Does it say what the store does?  True where there is no crontab(1). */
int cron_crontab_is_right(struct store *st, bool *right, struct err *err);
/* Does the host's cron run what is in it? */
int cron_is_carried(struct store *st, bool *carried, struct err *err);

#endif
