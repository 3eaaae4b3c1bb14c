/* SPDX-License-Identifier: MIT */
/* Care for an app's repository and caches. */
#ifndef DAVIT_PLUGINS_REPO_REPO_H
#define DAVIT_PLUGINS_REPO_REPO_H

#include "command/command.h"
#include "plugin/plugin.h"

#define REPO_GIT "/usr/bin/git"

int repo_cmd_gc(struct request *req, struct err *err);
int repo_cmd_purge_cache(struct request *req, struct err *err);

trigger_fn repo_on_tick;

#endif
