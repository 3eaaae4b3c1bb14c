/* SPDX-License-Identifier: MIT */
/*
 * A new name for an app.  Its instances keep running: they know the app's id, not its
 * name.  What stands on disk under the name moves first, the row follows in one
 * transaction, then the files that hold the name are written.  A note of it stands from
 * before the first step until after the last: whoever finds it without its process takes
 * back what came before the row, or completes what comes after (unfinished.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/apps/apps.h"
#include "runtime/helper.h"
#include "serve/domains.h"
#include "store/domain.h"
#include "util/cleanup.h"
#include "util/fs.h"

static int move_helper(const char *from, const char *to, struct err *err)
{
	return helper_one("rename", json_pack("{s:s, s:s}", "from", from, "to", to), NULL,
			  err);
}

static int move_dir(const char *old, const char *new, struct err *err)
{
	if (rename(old, new) == 0 || errno == ENOENT)
		return 0;
	return err_sys(err, "move %s to %s", old, new);
}

/* The repository, and the logs of builds. */
static int move_own(const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old_git = apps_repository(from);
	AUTO_FREE char *new_git = apps_repository(to);
	AUTO_FREE char *old_logs = apps_build_logs(from);
	AUTO_FREE char *new_logs = apps_build_logs(to);

	return move_dir(old_git, new_git, err) < 0 ? -1
						   : move_dir(old_logs, new_logs, err);
}

/* OLD.example.com becomes NEW.example.com for each of the host's domains. */
static int rename_hosts(struct store *st, const struct app *app, const char *to,
			struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	AUTO(strv_release) struct strv now = STRV_INIT;
	AUTO(strv_release) struct strv own = STRV_INIT;
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	struct app renamed = *app;
	bool chosen;

	(void)snprintf(renamed.name, sizeof renamed.name, "%s", to);
	if (domains_chosen(st, app->id, &chosen, err) < 0)
		return -1;
	if (!chosen)
		return 0;
	if (domain_list(st, app->id, &own, err) < 0 ||
	    domains_default(st, app, &was, err) < 0 ||
	    domains_default(st, &renamed, &now, err) < 0)
		return -1;
	strv_foreach(host, &own) {
		int at = strv_find(&was, host);

		strv_add(&hosts, at >= 0 && (size_t)at < now.len ? now.v[at] : host);
	}
	return domain_replace(st, app->id, &hosts, err);
}

static int rename_row(struct store *st, const struct app *app, const char *to,
		      struct err *err)
{
	int rc;

	if (store_begin(st, err) < 0)
		return -1;
	rc = rename_hosts(st, app, to, err);
	if (rc == 0)
		rc = app_rename(st, app->id, to, err);
	if (rc == 0)
		return store_commit(st, err);
	store_rollback(st);
	return rc < 0 ? -1 : err_set(err, ERR_REFUSED, "Name is already taken");
}

static int take_back(const char *from, const char *to, struct err *err)
{
	struct err ignored;
	int rc = move_own(to, from, err);

	return move_helper(to, from, rc < 0 ? &ignored : err) < 0 ? -1 : rc;
}

/* The row has the new name: what holds the old one follows. */
static int follow(struct store *st, struct out *out, const char *from, const char *to,
		  struct err *err)
{
	return trigger(st, out, err, TRIGGER_POST_APP_RENAME_SETUP, from, to, NULL) < 0 ||
			       trigger(st, out, err, TRIGGER_POST_APP_RENAME, from, to,
				       NULL) < 0 ||
			       trigger(st, out, err, TRIGGER_PROXY_BUILD_CONFIG, to,
				       NULL) < 0
		       ? -1
		       : 0;
}

int apps_rename(struct store *st, struct out *out, const struct app *app, const char *to,
		struct err *err)
{
	const char *from = app->name;
	struct err ignored;

	if (unfinished_note(st, app->id, UNFINISHED_RENAME, from, to, err) < 0)
		return -1;
	if (move_helper(from, to, err) < 0 || move_own(from, to, err) < 0 ||
	    rename_row(st, app, to, err) < 0) {
		(void)take_back(from, to, &ignored);
		(void)unfinished_forget(st, app->id, UNFINISHED_RENAME, &ignored);
		(void)err_context(err, "%s was not renamed", from);
		return err_hint(err, "%s is as it was; davit apps:report %s", from, from);
	}
	if (follow(st, out, from, to, err) < 0)
		return err_context(err, "%s is now %s, but", from, to);
	return unfinished_forget(st, app->id, UNFINISHED_RENAME, err);
}

int apps_rename_mend(struct store *st, struct out *out, const struct app *app,
		     const char *from, const char *to, struct err *err)
{
	if (strcmp(app->name, to) == 0) {
		out_step(out, "Completing the renaming of %s to %s", from, to);
		return follow(st, out, from, to, err);
	}
	out_step(out, "Taking back the renaming of %s to %s", from, to);
	if (take_back(from, to, err) < 0)
		return -1;
	return trigger(st, out, err, TRIGGER_PROXY_CLEAR_CONFIG, to, NULL) < 0 ||
			       trigger(st, out, err, TRIGGER_PROXY_BUILD_CONFIG, from,
				       NULL) < 0
		       ? -1
		       : 0;
}
