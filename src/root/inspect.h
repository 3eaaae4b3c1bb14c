/* SPDX-License-Identifier: MIT */
/* What only root can see of this host, for `davit doctor`: nothing is changed. */
#ifndef DAVIT_ROOT_INSPECT_H
#define DAVIT_ROOT_INSPECT_H

#include <jansson.h>

#include "util/err.h"

int verb_inspect(const json_t *op, json_t *reply, struct err *err);

#endif
