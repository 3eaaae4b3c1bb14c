/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_PLUGINS_DAVIT_DAVIT_H
#define DAVIT_PLUGINS_DAVIT_DAVIT_H

#include "command/command.h"

int davit_cmd_instance_exited(struct request *req, struct err *err);
int davit_cmd_instance_restart(struct request *req, struct err *err);
int davit_cmd_instance_retire(struct request *req, struct err *err);
int davit_cmd_instance_watch(struct request *req, struct err *err);
int davit_cmd_recover(struct request *req, struct err *err);
int davit_cmd_restore(struct request *req, struct err *err);
int davit_cmd_store_adopt(struct request *req, struct err *err);
int davit_cmd_tick(struct request *req, struct err *err);

#endif
