/* SPDX-License-Identifier: MIT */
/* Which proxy serves an app, on which ports, and whether. */
#ifndef DAVIT_PLUGINS_PROXY_PROXY_H
#define DAVIT_PLUGINS_PROXY_PROXY_H

#include "command/command.h"
#include "command/report.h"
#include "command/setting.h"
#include "plugin/plugin.h"

int proxy_cmd_build_config(struct request *req, struct err *err);
int proxy_cmd_clear_config(struct request *req, struct err *err);
int proxy_cmd_disable(struct request *req, struct err *err);
int proxy_cmd_enable(struct request *req, struct err *err);
int proxy_cmd_report(struct request *req, struct err *err);
int proxy_cmd_set(struct request *req, struct err *err);

trigger_fn proxy_on_proxy_is_enabled;
trigger_fn proxy_on_proxy_type;

/* Has proxy:disable taken this app out? */
int proxy_disabled(struct store *st, int64_t app_id, bool *disabled, struct err *err);

#endif
