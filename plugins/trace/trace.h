/* SPDX-License-Identifier: MIT */
/* Tracing of every command, until it is switched off. */
#ifndef DAVIT_PLUGINS_TRACE_TRACE_H
#define DAVIT_PLUGINS_TRACE_TRACE_H

#include "command/command.h"

int trace_cmd_off(struct request *req, struct err *err);
int trace_cmd_on(struct request *req, struct err *err);

#endif
