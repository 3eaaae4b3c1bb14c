/* SPDX-License-Identifier: MIT */
/* Every app has a network of its own; what names networks of an engine is kept only. */
#ifndef DAVIT_PLUGINS_NETWORK_NETWORK_H
#define DAVIT_PLUGINS_NETWORK_NETWORK_H

#include "command/setting.h"

int network_cmd_absent(struct request *req, struct err *err);
int network_cmd_exists(struct request *req, struct err *err);
int network_cmd_list(struct request *req, struct err *err);
int network_cmd_rebuild(struct request *req, struct err *err);
int network_cmd_report(struct request *req, struct err *err);
int network_cmd_set(struct request *req, struct err *err);

#endif
