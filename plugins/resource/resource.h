/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_RESOURCE_RESOURCE_H
#define DAVIT_PLUGINS_RESOURCE_RESOURCE_H

#include "command/command.h"
#include "plugin/plugin.h"

/* resource:limit and :reserve, with their :…-clear. */
int resource_cmd_change(struct request *req, struct err *err);
int resource_cmd_clear(struct request *req, struct err *err);
int resource_cmd_report(struct request *req, struct err *err);

trigger_fn resource_on_docker_args;

#endif
