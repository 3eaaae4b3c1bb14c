/* SPDX-License-Identifier: MIT */
/* Work that outlives the process which found it. */
#ifndef DAVIT_DEPLOY_BACKGROUND_H
#define DAVIT_DEPLOY_BACKGROUND_H

#include "util/err.h"

/* Start `davit COMMAND ARGUMENT` on its own. */
int background_run(const char *command, const char *argument, struct err *err);

#endif
