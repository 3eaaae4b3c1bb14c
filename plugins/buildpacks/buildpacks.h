/* SPDX-License-Identifier: MIT */
/* The list of buildpacks of an app, which the builder reads before it looks at the tree. */
#ifndef DAVIT_PLUGINS_BUILDPACKS_H
#define DAVIT_PLUGINS_BUILDPACKS_H

#include "command/setting.h"

/* buildpacks:add, :set, :remove and :clear. */
int buildpacks_cmd_add(struct request *req, struct err *err);
int buildpacks_cmd_clear(struct request *req, struct err *err);
int buildpacks_cmd_detect(struct request *req, struct err *err);
int buildpacks_cmd_list(struct request *req, struct err *err);
int buildpacks_cmd_remove(struct request *req, struct err *err);
int buildpacks_cmd_report(struct request *req, struct err *err);
int buildpacks_cmd_set(struct request *req, struct err *err);
int buildpacks_cmd_set_property(struct request *req, struct err *err);

#endif
