/* SPDX-License-Identifier: MIT */
/* All reports of an app, one after the other. */
#ifndef DAVIT_PLUGINS_REPORT_REPORT_H
#define DAVIT_PLUGINS_REPORT_REPORT_H

#include "command/command.h"

int report_cmd_report(struct request *req, struct err *err);

#endif
