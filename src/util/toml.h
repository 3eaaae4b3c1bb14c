/* SPDX-License-Identifier: MIT */
/*
 * TOML 1.0 as JSON: plugin.toml, pyproject.toml and the like become one json_t tree
 * (DESIGN 7).  Dates and times stay text; inf and nan, which JSON has not, are refused.
 */
#ifndef DAVIT_UTIL_TOML_H
#define DAVIT_UTIL_TOML_H

#include <jansson.h>

#include "util/err.h"

enum { TOML_DEPTH_MAX = 64 };

/* Parse `len` bytes into *out, which the caller decrefs.  ERR_APP names the line. */
int toml_parse(const char *text, size_t len, json_t **out, struct err *err);

#endif
