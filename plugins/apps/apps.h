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

extern const struct settings apps_settings;

/* May an app have this name?  ERR_USAGE says why not; whether it is taken is not asked. */
int apps_check_name(const char *name, struct err *err);
/* Row and post-create; when a listener refuses, nothing is left.  *app may be NULL. */
int apps_make(struct store *st, struct out *out, const char *name, struct app *app,
	      struct err *err);
/* Everything of the app: instances, triggers, the helper's trees, repository, rows. */
int apps_destroy(struct store *st, struct out *out, const struct app *app,
		 struct err *err);
/* ERR_REFUSED while a deploy of the app runs. */
int apps_check_idle(struct store *st, const struct app *app, struct err *err);
/* A new string: the app's bare repository. */
char *apps_repository(const char *name);
/* A new string: where the logs of the app's builds are. */
char *apps_build_logs(const char *name);

#endif
