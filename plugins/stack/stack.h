/* SPDX-License-Identifier: MIT */
/* The base system that apps are built on: list, report, build anew. */
#ifndef DAVIT_PLUGINS_STACK_STACK_H
#define DAVIT_PLUGINS_STACK_STACK_H

#include "command/command.h"
#include "plugin/plugin.h"

int stack_cmd_build(struct request *req, struct err *err);
int stack_cmd_list(struct request *req, struct err *err);
int stack_cmd_report(struct request *req, struct err *err);

/* Say whether a container of this base reaches the network; only ever warns. */
void stack_probe(struct out *out, const char *base);

#endif
