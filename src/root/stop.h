/* SPDX-License-Identifier: MIT */
/* Signals to containers, and their end. */
#ifndef DAVIT_ROOT_STOP_H
#define DAVIT_ROOT_STOP_H

#include <jansson.h>

#include "util/err.h"

int verb_signal(const json_t *op, json_t *reply, struct err *err);
int verb_stop(const json_t *op, json_t *reply, struct err *err);
int verb_delete(const json_t *op, json_t *reply, struct err *err);

#endif
