/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_ROOT_INFO_H
#define DAVIT_ROOT_INFO_H

#include <jansson.h>

#include "util/err.h"

/* What this host is made of. */
int verb_info(const json_t *op, json_t *reply, struct err *err);

#endif
