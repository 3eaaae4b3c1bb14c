/* SPDX-License-Identifier: MIT */
/* Flags for a container engine that an app keeps (runtime/engine_options.h). */
#ifndef DAVIT_PLUGINS_DOCKER_OPTIONS_H
#define DAVIT_PLUGINS_DOCKER_OPTIONS_H

#include "command/report.h"
#include "runtime/engine_options.h"

int docker_options_cmd_add(struct request *req, struct err *err);
int docker_options_cmd_clear(struct request *req, struct err *err);
int docker_options_cmd_list(struct request *req, struct err *err);
int docker_options_cmd_remove(struct request *req, struct err *err);
int docker_options_cmd_report(struct request *req, struct err *err);

/* "build,deploy": each one is a phase; at least one. */
int docker_options_phases(const char *text, struct strv *phases, struct err *err);
/* The keys that phases and --process name: "_default_.deploy", "web.deploy". */
int docker_options_keys(const struct strv *processes, const struct strv *phases,
			struct strv *keys, struct err *err);

#endif
