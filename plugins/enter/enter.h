/* SPDX-License-Identifier: MIT */
/* A shell, or a command, inside a running instance. */
#ifndef DAVIT_PLUGINS_ENTER_ENTER_H
#define DAVIT_PLUGINS_ENTER_ENTER_H

#include "command/command.h"

int enter_cmd_enter(struct request *req, struct err *err);

#endif
