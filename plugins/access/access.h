/* SPDX-License-Identifier: MIT */
/* Who may do what with an app: rules "access/<name of the key>" of it (command/grant.h). */
#ifndef DAVIT_PLUGINS_ACCESS_ACCESS_H
#define DAVIT_PLUGINS_ACCESS_ACCESS_H

#include "command/report.h"

int access_cmd_add(struct request *req, struct err *err);
int access_cmd_list(struct request *req, struct err *err);
int access_cmd_remove(struct request *req, struct err *err);
int access_cmd_report(struct request *req, struct err *err);

#endif
