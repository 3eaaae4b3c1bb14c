/* SPDX-License-Identifier: MIT */
/* Good copies of the store, and the way back to one. */
#ifndef DAVIT_PLUGINS_STORE_STORE_H
#define DAVIT_PLUGINS_STORE_STORE_H

#include "command/command.h"
#include "plugin/plugin.h"

int store_cmd_copy(struct request *req, struct err *err);
int store_cmd_copies(struct request *req, struct err *err);
int store_cmd_restore(struct request *req, struct err *err);

int store_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err);

#endif
