/* SPDX-License-Identifier: MIT */
/* Containers in the foreground: `run`, and `exec` in a running one. */
#ifndef DAVIT_ROOT_RUN_H
#define DAVIT_ROOT_RUN_H

#include <jansson.h>

#include "util/err.h"

int verb_run(const json_t *op, json_t *reply, struct err *err);
int verb_exec(const json_t *op, json_t *reply, struct err *err);

#endif
