/* SPDX-License-Identifier: MIT */
/* A prompt that takes one command a line, each run by a davit of its own. */
#ifndef DAVIT_PLUGINS_SHELL_SHELL_H
#define DAVIT_PLUGINS_SHELL_SHELL_H

#include "command/command.h"

int shell_cmd_shell(struct request *req, struct err *err);

#endif
