/* SPDX-License-Identifier: MIT */
/*
 * Instances: containers watched by conmon, which outlives us, keeps the log and the exit
 * status, and calls the exit hook.  With systemd a transient unit holds conmon, and its
 * ExecStopPost is the hook, which fires even when conmon is killed.
 */
#ifndef DAVIT_ROOT_START_H
#define DAVIT_ROOT_START_H

#include <jansson.h>

#include "util/err.h"

int verb_start(const json_t *op, json_t *reply, struct err *err);
/* Become conmon for container `id`, inside its unit: what systemd starts. */
int start_conmon_in_unit(const char *id, struct err *err);

#endif
