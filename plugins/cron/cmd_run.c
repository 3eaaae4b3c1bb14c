/* SPDX-License-Identifier: MIT */
/* cron:run, cron:suspend and cron:resume. */
#include <string.h>
#include <unistd.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"

enum { START_LIMIT_MS = 60000 };

static int no_task(const struct request *req, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "%s has no cron task %.80s", req->app.name,
		      req->argv[1]);
	return err_hint(err, "davit cron:list %s", req->app.name);
}

/* A davit of ours with these words; what it prints on stdout. */
static int call(const char *const *words, struct buf *out, struct err *err)
{
	AUTO_FREE char *self = paths_davit();
	AUTO(strv_release) struct strv argv = STRV_INIT;
	struct proc p = { .out = out, .timeout_ms = START_LIMIT_MS };
	struct proc_end end;

	strv_add(&argv, self);
	for (; *words; words++)
		strv_add(&argv, *words);
	p.argv = strv_const(&argv);
	p.env = (const char *const *)environ;
	if (proc_run(&p, &end, err) < 0)
		return -1;
	return end.code == 0 ? 0 : err_exit(err, 1);
}

/* While the last run goes on: 0 go ahead, 1 leave it, -1. */
static int mind_the_last(struct request *req, const struct task *t, struct err *err)
{
	AUTO(buf_release) struct buf ignored = BUF_INIT;
	AUTO_FREE char *key = xasprintf("last.%s", t->id);
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *about = NULL;
	int rc;

	if (strcmp(t->policy, "allow") == 0)
		return 0;
	rc = property_find(req->st, req->app.id, "cron", key, &name, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = property_find(req->st, req->app.id, "run", name, &about, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (strcmp(t->policy, "forbid") == 0) {
		out_warn(req->out,
			 "%s still runs as %s: its concurrency_policy is forbid",
			 t->command, name);
		return 1;
	}
	const char *const stop[] = { "run:stop", req->app.name, "--container", name,
				     NULL };

	return call(stop, &ignored, err);
}

static int detached(struct request *req, const struct task *t, const char *ttl,
		    struct err *err)
{
	const char *const words[] = { "run:detached", "--ttl-seconds", ttl, req->app.name,
				      "--",           t->command,      NULL };
	AUTO(buf_release) struct buf name = BUF_INIT;
	AUTO_FREE char *key = xasprintf("last.%s", t->id);

	if (call(words, &name, err) < 0)
		return -1;
	buf_chomp(&name);
	out_line(req->out, "%s", name.data);
	return property_set(req->st, req->app.id, "cron", key, name.data, err);
}

int cron_cmd_run(struct request *req, struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	AUTO_FREE char *self = paths_davit();
	const char *ttl = request_value(req, "ttl-seconds");
	const struct task *t;
	int rc;

	ttl = ttl ? ttl : "86400";
	if (cron_tasks(req->st, &req->app, &tasks, err) < 0)
		return -1;
	t = cron_find(&tasks, req->argv[1]);
	if (!t)
		return no_task(req, err);
	rc = mind_the_last(req, t, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (request_flag(req, "detach"))
		return detached(req, t, ttl, err);

	/* In our place, with our stdio and its exit status. */
	const char *const argv[] = { self, "run",         "--no-tty", "--ttl-seconds",
				     ttl,  req->app.name, "--",       t->command,
				     NULL };

	(void)out_flush(req->out);
	(void)execv(self, (char *const *)argv);
	return err_sys(err, "run %s", self);
}

int cron_cmd_switch(struct request *req, struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	AUTO_FREE char *key = xasprintf("maintenance.%s", req->argv[1]);
	bool suspend = strstr(req->command->name, ":suspend") != NULL;

	if (cron_tasks(req->st, &req->app, &tasks, err) < 0)
		return -1;
	if (!cron_find(&tasks, req->argv[1]))
		return no_task(req, err);
	out_title(req->out, "%s task %s", suspend ? "Suspending" : "Resuming",
		  req->argv[1]);
	if ((suspend ? property_set(req->st, req->app.id, "cron", key, "true", err)
		     : property_unset(req->st, req->app.id, "cron", key, err)) < 0)
		return -1;
	return cron_rewrite(req->st, req->out, req->app.name, err);
}
