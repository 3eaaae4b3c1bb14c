/* SPDX-License-Identifier: MIT */
/* checks:run: the checks of instances that serve, made now because somebody asks. */
#ifndef DAVIT_DEPLOY_CHECKUP_H
#define DAVIT_DEPLOY_CHECKUP_H

#include "plugin/plugin.h"

/* davit-checks-run APP [PROC|PROC.N]...: refused when one of them fails. */
int checkup_on_run(const struct plugin *self, struct trigger_call *call, struct err *err);

#endif
