/* SPDX-License-Identifier: MIT */
/* Tasks that plugins print at cron-entries: SCHEDULE;COMMAND[;LOGFILE] lines. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/paths.h"
#include "util/strv.h"

static void release_one(struct cron_entry *e)
{
	free(e->id);
	free(e->command);
	free(e->schedule);
	free(e->line);
}

void cron_entries_release(struct cron_entries *list)
{
	for (size_t i = 0; i < list->len; i++)
		release_one(&list->v[i]);
	free(list->v);
	*list = (struct cron_entries)CRON_ENTRIES_INIT;
}

/* In a crontab "\%" stands for "%". */
static void unescape(char *line)
{
	char *to = line;

	for (const char *c = line; *c; c++)
		if (c[0] != '\\' || c[1] != '%')
			*to++ = *c;
	*to = '\0';
}

static int parse(const char *text, struct cron_entry *e, struct err *err)
{
	AUTO(strv_release) struct strv parts = STRV_INIT;
	AUTO_FREE char *whole = NULL;
	const char *schedule;
	const char *command;

	strv_split(&parts, text, ";");
	if (parts.len < 2 || parts.len > 3)
		return err_set(err, ERR_APP, "'%.120s' is not SCHEDULE;COMMAND[;LOGFILE]",
			       text);
	schedule = parts.v[0];
	command = parts.v[1];
	if (schedule_parse(schedule, &e->when, err) < 0)
		return -1;
	whole = xasprintf("%s;;;%s", schedule, command);
	e->id = task_id(whole);
	e->schedule = xstrdup(schedule);
	e->command = xstrdup(command);
	e->line = parts.len == 3 ? xasprintf("%s &>> %s", command, parts.v[2])
				 : xstrdup(command);
	unescape(e->line);
	return 0;
}

int cron_entries(struct store *st, struct cron_entries *list, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;

	*list = (struct cron_entries)CRON_ENTRIES_INIT;
	if (property_list(st, STORE_GLOBAL, "crontab", "entries", &lines, err) < 0)
		return -1;
	list->v = xcalloc(lines.len ? lines.len : 1, sizeof *list->v);
	strv_foreach(line, &lines)
		if (parse(line, &list->v[list->len], err) == 0)
			list->len++;
	return 0;
}

/* When plugins were last enabled or disabled. */
static char *stamp(void)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "plugins/enabled");
	struct stat sb;

	if (stat(dir, &sb) < 0)
		return xstrdup("");
	return xasprintf("%lld.%09ld", (long long)sb.st_mtim.tv_sec, sb.st_mtim.tv_nsec);
}

int cron_entries_are_old(struct store *st, bool *old, struct err *err)
{
	AUTO_FREE char *was = NULL;
	AUTO_FREE char *now = stamp();
	int rc = property_find(st, STORE_GLOBAL, "crontab", "plugins", &was, err);

	if (rc < 0)
		return -1;
	*old = rc == 0 ? strcmp(was, now) != 0
		       : trigger_has_third_party(TRIGGER_CRON_ENTRIES);
	return 0;
}

/* A listener that says no by its exit status has said all that it has to say. */
static void ask(struct store *st, struct out *to, struct strv *lines)
{
	const char *const words[] = { "docker-local", NULL };
	struct trigger_call call = { .id = TRIGGER_CRON_ENTRIES,
				     .argv = words,
				     .st = st,
				     .to = to,
				     .in = BUF_INIT,
				     .out = BUF_INIT,
				     .third_only = true };
	AUTO(strv_release) struct strv said = STRV_INIT;
	struct err why;

	(void)trigger_fire(&call, &why);
	strv_split(&said, call.out.data, "\n");
	buf_release(&call.out);
	strv_foreach(line, &said) {
		AUTO(release_one) struct cron_entry e = { .id = NULL };

		if (parse(line, &e, &why) < 0)
			out_warn(to, "cron-entries: %s", why.text);
		else
			strv_add(lines, line);
	}
}

static int take_new(struct store *st, const struct strv *was, const struct strv *now,
		    struct err *err)
{
	strv_foreach(line, now) {
		AUTO(release_one) struct cron_entry e = { .id = NULL };

		if (strv_find(was, line) < 0 &&
		    (parse(line, &e, err) < 0 ||
		     cron_take(st, STORE_GLOBAL, e.id, clock_now() / 60, err) < 0))
			return -1;
	}
	return 0;
}

int cron_entries_ask(struct store *st, struct out *to, struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;
	AUTO_FREE char *asked = stamp();
	bool listens = trigger_has_third_party(TRIGGER_CRON_ENTRIES);

	if (property_list(st, STORE_GLOBAL, "crontab", "entries", &was, err) < 0)
		return -1;
	if (!listens && !was.len)
		return 0;
	if (listens)
		ask(st, to, &now);
	if (take_new(st, &was, &now, err) < 0 ||
	    property_set(st, STORE_GLOBAL, "crontab", "plugins", asked, err) < 0)
		return -1;
	return property_list_set(st, STORE_GLOBAL, "crontab", "entries", &now, err) < 0
		       ? -1
		       : 0;
}
