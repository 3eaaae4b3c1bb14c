/* SPDX-License-Identifier: MIT */
/* An app's life: create, name, lock, destroy. */
#ifndef DAVIT_PLUGINS_APPS_APPS_H
#define DAVIT_PLUGINS_APPS_APPS_H

#include "command/command.h"
#include "command/report.h"
#include "command/setting.h"
#include "plugin/plugin.h"

int apps_cmd_clone(struct request *req, struct err *err);
int apps_cmd_create(struct request *req, struct err *err);
int apps_cmd_destroy(struct request *req, struct err *err);
int apps_cmd_exists(struct request *req, struct err *err);
int apps_cmd_list(struct request *req, struct err *err);
int apps_cmd_lock(struct request *req, struct err *err);
int apps_cmd_locked(struct request *req, struct err *err);
int apps_cmd_rename(struct request *req, struct err *err);
int apps_cmd_report(struct request *req, struct err *err);
int apps_cmd_set(struct request *req, struct err *err);
int apps_cmd_unlock(struct request *req, struct err *err);

trigger_fn apps_on_app_create;
trigger_fn apps_on_app_destroy;
trigger_fn apps_on_app_exists;
trigger_fn apps_on_app_list;
trigger_fn apps_on_app_maybe_create;
trigger_fn apps_on_deploy_source_set;

/* --- unfinished.c: what a davit that died left half done -------------------------------- */

enum unfinished { UNFINISHED_RENAME, UNFINISHED_END };
/* This process is at it from here on, until it forgets. */
int unfinished_note(struct store *st, int64_t app_id, enum unfinished what,
		    const char *from, const char *to, struct err *err);
int unfinished_forget(struct store *st, int64_t app_id, enum unfinished what,
		      struct err *err);
/* Of all apps; and of one that a command is about to look at. */
trigger_fn unfinished_on_recover;
trigger_fn unfinished_on_views;

/* --- life.c, rename.c --------------------------------------------------------------------- */

extern const struct settings apps_settings;

/* May an app have this name?  ERR_USAGE says why not; whether it is taken is not asked. */
int apps_check_name(const char *name, struct err *err);
/* Row and post-create; when a listener refuses, nothing is left.  *app may be NULL. */
int apps_make(struct store *st, struct out *out, const char *name, struct app *app,
	      struct err *err);
/* Everything of the app: instances, triggers, the helper's trees, repository, rows. */
int apps_destroy(struct store *st, struct out *out, const struct app *app,
		 struct err *err);
/* *app gets another name; a free one that it may have.  On failure it has its old one, or
 * the new one and *err says what does not follow. */
int apps_rename(struct store *st, struct out *out, const struct app *app, const char *to,
		struct err *err);
/* The rest of a renaming that was cut off, one way or the other. */
int apps_rename_mend(struct store *st, struct out *out, const struct app *app,
		     const char *from, const char *to, struct err *err);
/* ERR_REFUSED while a deploy of the app runs. */
int apps_check_idle(struct store *st, const struct app *app, struct err *err);
/* A new string: the app's bare repository. */
char *apps_repository(const char *name);
/* A new string: where the logs of the app's builds are. */
char *apps_build_logs(const char *name);

#endif
