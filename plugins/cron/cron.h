/* SPDX-License-Identifier: MIT */
/*
 * Tasks of app.json that run by the clock.  One mechanism: `davit tick`, which a timer runs
 * each minute, starts what is due.  No crontab is written.
 *
 * Properties "cron": maintenance (app or host), maintenance.ID, last.ID (the container of
 * the task's last run in the background), ticked (host: the last minute looked at).
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

trigger_fn cron_on_tick;

/* The tasks of the live release; none where there is none. */
int cron_tasks(struct store *st, const struct app *app, struct tasks *list,
	       struct err *err);
/* Is the whole app, or the host, in maintenance? */
int cron_app_rests(struct store *st, const struct app *app, bool *rests, struct err *err);
/* Is this task, by its property or by app.json? */
int cron_task_rests(struct store *st, const struct app *app, const struct task *t,
		    bool *rests, struct err *err);

#endif
