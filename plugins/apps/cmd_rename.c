/* SPDX-License-Identifier: MIT */
/*
 * A new name for an app.  Its instances keep running: they know the app's id, not its
 * name.  What stands on disk under the name moves first, the row follows in one
 * transaction; the wish is written down before, so that the same command completes a
 * rename that was cut off.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/apps/apps.h"
#include "runtime/helper.h"
#include "serve/domains.h"
#include "store/domain.h"
#include "store/property.h"
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
		rc = property_unset(st, app->id, "apps", "renaming", err);
	if (rc == 0)
		return store_commit(st, err);
	store_rollback(st);
	return rc < 0 ? -1 : err_set(err, ERR_REFUSED, "Name is already taken");
}

static int check(struct request *req, const char *to, struct err *err)
{
	struct app other;
	int rc;

	if (apps_check_name(to, err) < 0)
		return -1;
	rc = app_find(req->st, to, &other, err);
	if (rc == 0) {
		(void)err_set(err, ERR_REFUSED, "Name is already taken");
		return err_hint(err, "davit apps:list shows the names in use");
	}
	return rc < 0 ? -1 : apps_check_idle(req->st, &req->app, err);
}

/* Disk, then row; what was moved goes back when a later step fails. */
static int move(struct request *req, const char *to, bool again, struct err *err)
{
	const char *from = req->app.name;
	struct err ignored;

	/* The second try of a rename that was cut off may find the helper's part done. */
	if (move_helper(from, to, err) < 0 && !again)
		return -1;
	if (move_own(from, to, err) < 0 || rename_row(req->st, &req->app, to, err) < 0) {
		(void)move_own(to, from, &ignored);
		(void)move_helper(to, from, &ignored);
		return -1;
	}
	return 0;
}

int apps_cmd_rename(struct request *req, struct err *err)
{
	AUTO_FREE char *wish = NULL;
	const char *from = req->app.name;
	const char *to = req->argv[1];
	struct err ignored;

	if (check(req, to, err) < 0 ||
	    property_find(req->st, req->app.id, "apps", "renaming", &wish, err) < 0)
		return -1;
	out_step(req->out, "Renaming %s to %s", from, to);
	if (property_set(req->st, req->app.id, "apps", "renaming", to, err) < 0)
		return -1;
	if (move(req, to, wish && strcmp(wish, to) == 0, err) < 0) {
		(void)property_unset(req->st, req->app.id, "apps", "renaming", &ignored);
		(void)err_context(err, "%s was not renamed", from);
		return err_hint(err, "%s is as it was; davit apps:report %s", from, from);
	}
	if (trigger(req->st, req->out, err, TRIGGER_POST_APP_RENAME_SETUP, from, to,
		    NULL) < 0 ||
	    trigger(req->st, req->out, err, TRIGGER_POST_APP_RENAME, from, to, NULL) <
		    0 ||
	    trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, to, NULL) < 0)
		return err_context(err, "%s is now %s, but", from, to);
	return 0;
}
