/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_CHECKS_CHECKS_H
#define DAVIT_PLUGINS_CHECKS_CHECKS_H

#include "command/command.h"

int checks_cmd_disable(struct request *req, struct err *err);
int checks_cmd_enable(struct request *req, struct err *err);
int checks_cmd_skip(struct request *req, struct err *err);
int checks_cmd_report(struct request *req, struct err *err);
int checks_cmd_run(struct request *req, struct err *err);
int checks_cmd_set(struct request *req, struct err *err);

#endif
