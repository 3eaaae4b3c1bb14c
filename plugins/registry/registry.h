/* SPDX-License-Identifier: MIT */
/* Logins at registries of images, which git:from-image uses. */
#ifndef DAVIT_PLUGINS_REGISTRY_REGISTRY_H
#define DAVIT_PLUGINS_REGISTRY_REGISTRY_H

#include "command/command.h"
#include "plugin/plugin.h"

int registry_cmd_login(struct request *req, struct err *err);
int registry_cmd_logout(struct request *req, struct err *err);

/* The app's file goes with it, by its new name, or to its clone. */
trigger_fn registry_on_clone;
trigger_fn registry_on_delete;
trigger_fn registry_on_rename;

#endif
