/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_BUILDS_BUILDS_H
#define DAVIT_PLUGINS_BUILDS_BUILDS_H

#include <jansson.h>

#include "command/command.h"
#include "plugin/plugin.h"
#include "store/deploy.h"

int builds_cmd_list(struct request *req, struct err *err);
int builds_cmd_info(struct request *req, struct err *err);
int builds_cmd_output(struct request *req, struct err *err);
int builds_cmd_cancel(struct request *req, struct err *err);
int builds_cmd_prune(struct request *req, struct err *err);
int builds_cmd_report(struct request *req, struct err *err);
int builds_cmd_set(struct request *req, struct err *err);

trigger_fn builds_on_tick;
trigger_fn builds_on_views;

/* The deploy of an id, or the app's newest where id is NULL; ERR_REFUSED when there is
 * none. */
int builds_find(struct request *req, const char *id, struct deploy *d, struct err *err);
/* Where the output of a deploy is kept; the caller frees. */
char *builds_log_path(const char *app, const struct deploy *d);
/* Where a record of it is kept for others to read; the caller frees. */
char *builds_record_path(const char *app, const struct deploy *d);
/* A new object: what builds:info says of it. */
json_t *builds_json(const struct deploy *d, const char *app);
/* Is the process behind this deploy still there? */
bool builds_is_running(const struct deploy *d);
/* As its users see it: one whose process is gone without a result is abandoned until it is
 * undone. */
const char *builds_status(const struct deploy *d);
/* What has made it, in Dokku's words. */
const char *builds_source(const struct deploy *d);
/* "1m14s"; `out` must hold BUILDS_DURATION bytes. */
enum { BUILDS_DURATION = 24 };
const char *builds_duration_text(int64_t seconds, char out[BUILDS_DURATION]);

#endif
