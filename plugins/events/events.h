/* SPDX-License-Identifier: MIT */
/* What was changed, by whom. */
#ifndef DAVIT_PLUGINS_EVENTS_EVENTS_H
#define DAVIT_PLUGINS_EVENTS_EVENTS_H

#include "command/command.h"
#include "plugin/plugin.h"

int events_cmd_list(struct request *req, struct err *err);
int events_cmd_show(struct request *req, struct err *err);
int events_cmd_switch(struct request *req, struct err *err);

/* The record has an end: the oldest of more than ten thousand events go. */
trigger_fn events_on_tick;

#endif
