/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_HELP_HELP_H
#define DAVIT_PLUGINS_HELP_HELP_H

#include "command/command.h"

int help_cmd_help(struct request *req, struct err *err);
int help_cmd_version(struct request *req, struct err *err);

#endif
