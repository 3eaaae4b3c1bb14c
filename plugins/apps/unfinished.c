/* SPDX-License-Identifier: MIT */
/*
 * Renaming and destroying are many steps.  A note of what is being done, and of who does it,
 * stands in the store meanwhile: "FROM TO PID START" as the value of the property.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/apps/apps.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/proc.h"

static const char *const keys[] = {
	[UNFINISHED_RENAME] = "renaming",
	[UNFINISHED_END] = "destroying",
};

struct note {
	struct strv words;
	const char *from;
	const char *to;
};

int unfinished_note(struct store *st, int64_t app_id, enum unfinished what,
		    const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *text = xasprintf("%s %s %d %llu", from, to, (int)getpid(),
					 proc_start_time(getpid()));

	return property_set(st, app_id, "apps", keys[what], text, err);
}

int unfinished_forget(struct store *st, int64_t app_id, enum unfinished what,
		      struct err *err)
{
	return property_unset(st, app_id, "apps", keys[what], err) < 0 ? -1 : 0;
}

/* 0: there is one, and its process is gone. */
static int find_dead(struct store *st, int64_t app_id, enum unfinished what,
		     struct note *n, struct err *err)
{
	AUTO_FREE char *text = NULL;
	int rc = property_find(st, app_id, "apps", keys[what], &text, err);

	if (rc != 0)
		return rc;
	strv_split(&n->words, text, " ");
	if (n->words.len != 4)
		return STORE_NO_ROW;
	n->from = n->words.v[0];
	n->to = n->words.v[1];
	return proc_lives((pid_t)strtol(n->words.v[2], NULL, 10),
			  strtoull(n->words.v[3], NULL, 10))
		       ? STORE_NO_ROW
		       : 0;
}

static int finish(struct store *st, struct out *out, const struct app *app,
		  enum unfinished what, struct err *err)
{
	struct note n = { .words = STRV_INIT };
	int rc = find_dead(st, app->id, what, &n, err);

	if (rc == 0 && what == UNFINISHED_END) {
		out_step(out, "Completing the end of %s", app->name);
		rc = apps_destroy(st, out, app, err);
	} else if (rc == 0) {
		rc = apps_rename_mend(st, out, app, n.from, n.to, err);
		if (rc == 0)
			rc = unfinished_forget(st, app->id, what, err);
	}
	strv_release(&n.words);
	return rc < 0 ? -1 : 0;
}

static int finish_all(struct trigger_call *call, enum unfinished what, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;
	int rc = 0;

	if (property_apps(call->st, "apps", keys[what], &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (app_find(call->st, name, &app, err) == 0 &&
		    finish(call->st, call->to, &app, what, err) < 0)
			rc = -1;
	return rc;
}

int unfinished_on_recover(const struct plugin *self, struct trigger_call *call,
			  struct err *err)
{
	int rc = finish_all(call, UNFINISHED_END, err);

	(void)self;
	return finish_all(call, UNFINISHED_RENAME, err) < 0 ? -1 : rc;
}

int unfinished_on_views(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	struct app app;
	int rc;

	(void)self;
	if (!call->argv[0] || !call->argv[1] || strcmp(call->argv[1], "read") != 0 ||
	    !call->st->writable)
		return 0;
	rc = app_find(call->st, call->argv[0], &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	/* Who destroys it again does just that. */
	if (call->argv[2] && strcmp(call->argv[2], "apps:destroy") == 0)
		return 0;
	return finish(call->st, call->to, &app, UNFINISHED_END, err) < 0 ||
			       finish(call->st, call->to, &app, UNFINISHED_RENAME, err) <
				       0
		       ? -1
		       : 0;
}
