/* SPDX-License-Identifier: MIT */
/* The crontab of davit's user: what is due, for those who read it, and for the host's cron. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

#define MARK "# davit writes this anew when a task changes (davit cron:list)\n"

enum { CRONTAB_MS = 20000 };

/* crontab(1), or NULL.  Trees of a test have none unless they say so. */
static const char *program(void)
{
	const char *given = getenv("DAVIT_CRONTAB");
	const char *path = given ? given : "/usr/bin/crontab";

	if (getenv("DAVIT_ROOT") && !given)
		return NULL;
	return access(path, X_OK) == 0 ? path : NULL;
}

/* Of an app, as they should be; CHANGED: they were others. */
enum { CHANGED = 1 };
static int refresh(struct store *st, const struct app *app, struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	AUTO(buf_release) struct buf lines = BUF_INIT;
	AUTO_FREE char *was = NULL;
	int rc;

	if (cron_active(st, app, &tasks, err) < 0)
		return -1;
	for (size_t i = 0; i < tasks.len; i++)
		buf_addf(&lines, "%s dokku cron:run %s %s\n", tasks.v[i].schedule,
			 app->name, tasks.v[i].id);
	rc = property_find(st, app->id, "crontab", "lines", &was, err);
	if (rc < 0)
		return -1;
	if (strcmp(was ? was : "", lines.data) == 0)
		return 0;
	rc = lines.len ? property_set(st, app->id, "crontab", "lines", lines.data, err)
		       : property_unset(st, app->id, "crontab", "lines", err);
	return rc < 0 ? -1 : CHANGED;
}

static int refresh_all(struct store *st, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (app_names(st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;

		if (app_find(st, name, &app, err) == 0 && refresh(st, &app, err) < 0)
			return -1;
	}
	return 0;
}

static int add_setting(struct store *st, const char *key, const char *name,
		       struct buf *text, struct err *err)
{
	AUTO_FREE char *value = NULL;

	if (property_get(st, PROPERTY(STORE_GLOBAL, "cron", key), "", &value, err) < 0)
		return -1;
	if (*value && !strpbrk(value, "\r\n"))
		buf_addf(text, "%s=%s\n", name, value);
	return 0;
}

/* A bare "%" would end the command. */
static void add_entry(const struct cron_entry *e, struct buf *text)
{
	buf_addf(text, "%s ", e->schedule);
	for (const char *c = e->line; *c; c++) {
		if (*c == '%')
			buf_addc(text, '\\');
		buf_addc(text, *c);
	}
	buf_addc(text, '\n');
}

/* The whole text; empty where nothing is due ever. */
static int compose(struct store *st, struct buf *text, struct err *err)
{
	AUTO(cron_entries_release) struct cron_entries entries = CRON_ENTRIES_INIT;
	AUTO(strv_release) struct strv apps = STRV_INIT;

	if (property_everywhere(st, "crontab", "lines", &apps, err) < 0 ||
	    cron_entries(st, &entries, err) < 0)
		return -1;
	if (!apps.len && !entries.len)
		return 0;
	buf_adds(text, MARK);
	if (add_setting(st, "mailfrom", "MAILFROM", text, err) < 0 ||
	    add_setting(st, "mailto", "MAILTO", text, err) < 0)
		return -1;
	buf_addf(text,
		 "PATH=%s/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		 "/sbin:/bin\n",
		 DAVIT_PREFIX);
	buf_addf(text, "SHELL=%s/cron-shell\n", paths_libexec());
	strv_foreach(lines, &apps)
		buf_adds(text, lines);
	for (size_t i = 0; i < entries.len; i++)
		add_entry(&entries.v[i], text);
	return 0;
}

static int call(const char *word, const struct buf *in, struct buf *out, int *code,
		struct err *err)
{
	const char *const argv[] = { program(), word, NULL };
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .in = in,
			  .timeout_ms = CRONTAB_MS,
			  .out = out,
			  .err = &said };
	struct proc_end end;

	if (proc_run(&p, &end, err) < 0)
		return -1;
	*code = end.code;
	buf_chomp(&said);
	if (end.code != 0)
		(void)err_set(err, ERR_HOST, "crontab %s: %.400s", word, said.data);
	return 0;
}

/* Somebody has put lines there himself: they stay, and he is told. */
static int check_foreign(struct err *err)
{
	AUTO(buf_release) struct buf have = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	int code;

	if (call("-l", NULL, &have, &code, err) < 0)
		return -1;
	if (code != 0 || strstr(have.data, MARK))
		return 0;
	strv_split(&lines, have.data, "\n");
	strv_foreach(line, &lines)
		if (line[strspn(line, " \t")] && line[strspn(line, " \t")] != '#') {
			(void)err_set(err, ERR_REFUSED,
				      "the crontab of this user holds lines of others");
			return err_hint(err, "put them into a file in /etc/cron.d, then: "
					     "crontab -u davit -r");
		}
	return 0;
}

static int install(const struct buf *text, struct err *err)
{
	AUTO(buf_release) struct buf ignored = BUF_INIT;
	int code;

	if (check_foreign(err) < 0)
		return -1;
	if (call(text->len ? "-" : "-r", text, &ignored, &code, err) < 0)
		return -1;
	/* There may be none to remove. */
	return code == 0 || !text->len ? 0 : -1;
}

/* That it cannot be written costs a view: davit tick runs the tasks all the same. */
static int write_text(struct store *st, struct out *to, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err why = { .kind = ERR_NONE };
	bool done;

	if (!program())
		return 0;
	if (compose(st, &text, err) < 0)
		return -1;
	done = install(&text, &why) == 0;
	if (!done)
		out_warn(to, "the crontab is not written: %s", why.text);
	if (!done && *why.hint)
		out_warn(to, "%s", why.hint);
	if (property_set(st, STORE_GLOBAL, "crontab", "text", text.data, err) < 0)
		return -1;
	return property_set(st, STORE_GLOBAL, "crontab", "carried",
			    done && text.len ? "true" : "false", err);
}

int cron_crontab_is_right(struct store *st, bool *right, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_FREE char *was = NULL;

	*right = true;
	if (!program())
		return 0;
	if (compose(st, &text, err) < 0 ||
	    property_get(st, PROPERTY(STORE_GLOBAL, "crontab", "text"), "", &was, err) <
		    0)
		return -1;
	*right = strcmp(was, text.data) == 0;
	return 0;
}

int cron_is_carried(struct store *st, bool *carried, struct err *err)
{
	AUTO_FREE char *value = NULL;
	AUTO(buf_release) struct buf pid = BUF_INIT;
	struct err ignored;

	if (property_get(st, PROPERTY(STORE_GLOBAL, "crontab", "carried"), "false",
			 &value, err) < 0)
		return -1;
	*carried = strcmp(value, "true") == 0 &&
		   fs_read("/run/crond.pid", 64, &pid, &ignored) == 0 &&
		   proc_start_time((pid_t)strtol(pid.data, NULL, 10)) != 0;
	return 0;
}

int cron_rewrite(struct store *st, struct out *to, const char *app, struct err *err)
{
	int rc = app ? trigger(st, to, err, TRIGGER_SCHEDULER_CRON_WRITE, "docker-local",
			       app, NULL)
		     : trigger(st, to, err, TRIGGER_SCHEDULER_CRON_WRITE, NULL);

	return rc < 0 ? -1 : 0;
}

int cron_on_write(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	const char *scheduler = call->argv[0];
	const char *name = scheduler ? call->argv[1] : NULL;
	struct app app;
	int rc;

	(void)self;
	if (scheduler && strcmp(scheduler, "docker-local") != 0)
		return TRIGGER_DECLINED;
	if (name) {
		rc = app_find(call->st, name, &app, err);
		if (rc < 0 || (rc == 0 && refresh(call->st, &app, err) < 0))
			return -1;
	} else if (refresh_all(call->st, err) < 0) {
		return -1;
	}
	return cron_entries_ask(call->st, call->to, err) < 0
		       ? -1
		       : write_text(call->st, call->to, err);
}

/* Of an app that is gone, the lines may still be there. */
static int without(struct trigger_call *call, const char *name, struct err *err)
{
	bool right;

	if (cron_crontab_is_right(call->st, &right, err) < 0)
		return -1;
	return right ? 0 : cron_rewrite(call->st, call->to, name, err);
}

static int look(struct trigger_call *call, const char *name, struct err *err)
{
	struct app app;
	int rc = app_find(call->st, name, &app, err);

	if (rc != 0)
		return rc < 0 ? -1 : without(call, name, err);
	rc = refresh(call->st, &app, err);
	return rc == CHANGED ? cron_rewrite(call->st, call->to, name, err) : rc;
}

int cron_on_change(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	const char *name = call->argv[0];

	(void)self;
	if (!name || strcmp(name, "--global") == 0 ||
	    (call->id == TRIGGER_VIEWS &&
	     (!call->argv[1] || strcmp(call->argv[1], "write") != 0)))
		return 0;
	return look(call, name, err);
}

/* A task's id holds the app's name: what rests under the old one, rests under the new. */
static int keep_resting(struct store *st, const struct app *app, const char *old,
			const struct task *t, struct err *err)
{
	AUTO_FREE char *whole = xasprintf("%s===%s===%s", old, t->command, t->schedule);
	AUTO_FREE char *id = task_id(whole);
	AUTO_FREE char *from = xasprintf("maintenance.%s", id);
	AUTO_FREE char *to = xasprintf("maintenance.%s", t->id);
	AUTO_FREE char *value = NULL;
	int rc = property_find(st, app->id, "cron", from, &value, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return property_set(st, app->id, "cron", to, value, err) < 0 ||
			       property_unset(st, app->id, "cron", from, err) < 0
		       ? -1
		       : 0;
}

int cron_on_rename(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	struct app app;

	(void)self;
	if (app_find(call->st, call->argv[1], &app, err) != 0 ||
	    cron_tasks(call->st, &app, &tasks, err) < 0)
		return -1;
	for (size_t i = 0; i < tasks.len; i++)
		if (keep_resting(call->st, &app, call->argv[0], &tasks.v[i], err) < 0)
			return -1;
	return look(call, app.name, err);
}

/* The copy has lines of its own, with its name. */
int cron_on_clone(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	struct app app;
	int rc = app_find(call->st, call->argv[1], &app, err);

	(void)self;
	return rc != 0 ? (rc < 0 ? -1 : 0)
		       : property_clear(call->st, app.id, "crontab", err);
}
