/* SPDX-License-Identifier: MIT */
/*
 * One-off commands in the live release.  Each has a property "run" with its container's
 * name as key, from before it starts until it is known to have ended:
 * {"command": …, "created_at": …, "ttl": …}.
 */
#ifndef DAVIT_PLUGINS_RUN_RUN_H
#define DAVIT_PLUGINS_RUN_RUN_H

#include <jansson.h>

#include "command/command.h"
#include "plugin/plugin.h"

int run_cmd_detached(struct request *req, struct err *err);
int run_cmd_list(struct request *req, struct err *err);
int run_cmd_logs(struct request *req, struct err *err);
int run_cmd_retire(struct request *req, struct err *err);
int run_cmd_run(struct request *req, struct err *err);
int run_cmd_stop(struct request *req, struct err *err);

trigger_fn run_on_instance_exited;
trigger_fn run_on_post_delete;
trigger_fn run_on_tick;

/* Names of the app's one-off containers, those that are gone forgotten first.  *states
 * maps them to "running" or "stopped"; the caller owns it. */
int run_names(struct store *st, const struct app *app, struct strv *names,
	      json_t **states, struct err *err);
/* Stop one, remove its remains and forget it. */
int run_stop_one(struct store *st, int64_t app_id, const char *name, struct err *err);
/* Stop those of an app that have outlived their time. */
int run_retire(struct store *st, const struct app *app, struct err *err);

#endif
