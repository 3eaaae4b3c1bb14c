/* SPDX-License-Identifier: MIT */
/* The flags of a container engine that mean something here, and what to do about others. */
#ifndef DAVIT_RUNTIME_ENGINE_FLAGS_H
#define DAVIT_RUNTIME_ENGINE_FLAGS_H

#include <jansson.h>
#include <stdbool.h>

#include "util/err.h"

/* Is this a flag that takes the next word?  "--memory=1g" has its value already. */
bool engine_flag_wants_value(const char *word);
bool engine_flag_is_known(const char *word);

/* Change `spec` (fields of davit-root's `start`).  0, -1, or ENGINE_OPTION_IDLE with
 * *instead saying what to do. */
int engine_flag_apply(const char *flag, const char *value, json_t *spec,
		      const char **instead, struct err *err);

#endif
