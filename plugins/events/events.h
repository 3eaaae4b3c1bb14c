/* SPDX-License-Identifier: MIT */
/* What was changed, by whom. */
#ifndef DAVIT_PLUGINS_EVENTS_EVENTS_H
#define DAVIT_PLUGINS_EVENTS_EVENTS_H

#include "command/command.h"

int events_cmd_list(struct request *req, struct err *err);
int events_cmd_show(struct request *req, struct err *err);
int events_cmd_switch(struct request *req, struct err *err);

/*
 * A moment in the past as people write it: "30m", "12h", "7d" before `now`, a date, a date
 * with time (UTC), or seconds since 1970.  ERR_USAGE for anything else.
 */
int events_parse_since(const char *text, int64_t now, int64_t *since, struct err *err);

#endif
