/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_ROOT_RECOVER_H
#define DAVIT_ROOT_RECOVER_H

#include <jansson.h>

#include "util/err.h"

/* Remove what dead containers and killed helpers left. */
int verb_recover(const json_t *op, json_t *reply, struct err *err);

#endif
