/* SPDX-License-Identifier: MIT */
/* A moment as people write it: "30m" (ago; s, m, h, d, w), a date, a date with a time, or
 * seconds since 1970. */
#ifndef DAVIT_UTIL_SINCE_H
#define DAVIT_UTIL_SINCE_H

#include <stdint.h>

#include "util/err.h"

int since_parse(const char *text, int64_t now, int64_t *since, struct err *err);

#endif
