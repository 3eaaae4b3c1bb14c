/* SPDX-License-Identifier: MIT */
/* Processes of apps: how many, running or not, and how they are kept running. */
#ifndef DAVIT_PLUGINS_PS_PS_H
#define DAVIT_PLUGINS_PS_PS_H

#include <jansson.h>

#include "command/command.h"
#include "command/report.h"
#include "command/setting.h"
#include "plugin/plugin.h"
#include "store/release.h"

int ps_cmd_inspect(struct request *req, struct err *err);
int ps_cmd_rebuild(struct request *req, struct err *err);
int ps_cmd_report(struct request *req, struct err *err);
int ps_cmd_deploy(struct request *req, struct err *err);
int ps_cmd_retire(struct request *req, struct err *err);
int ps_cmd_restart(struct request *req, struct err *err);
int ps_cmd_scale(struct request *req, struct err *err);
int ps_cmd_set(struct request *req, struct err *err);
int ps_cmd_start(struct request *req, struct err *err);
int ps_cmd_stop(struct request *req, struct err *err);

trigger_fn ps_on_app_restart;
trigger_fn ps_on_post_create;
trigger_fn ps_on_procfile_exists;
trigger_fn ps_on_procfile_get_command;
trigger_fn ps_on_ps_can_scale;
trigger_fn ps_on_ps_current_scale;
trigger_fn ps_on_ps_set_scale;

/* Is anything of the app meant to run (ps:stop sets this to false)? */
int ps_wanted(struct store *st, int64_t app_id, bool *wanted, struct err *err);

enum ps_running { PS_STOPPED, PS_RUNNING, PS_MIXED };
/* How the app's instances compare with its live release.  `live` is what release_live()
 * gave, or NULL. */
int ps_state(struct store *st, int64_t app_id, const struct release *live,
	     enum ps_running *state, int *count, struct err *err);

/* "PROC=N" words; a type given twice counts once, the first time. */
int ps_parse_scale(const char *const *words, json_t **types, struct err *err);
/* Roll it out; refuse more memory than the host has. */
enum { PS_DEPLOY = 1, PS_STRICT = 2 };
/*
 * Give an app these quantities and, where it runs and PS_DEPLOY is set, roll them out.
 * When that fails the quantities are what they were.
 */
int ps_scale(struct store *st, struct out *out, const struct app *app,
	     const json_t *types, unsigned how, struct err *err);

#endif
