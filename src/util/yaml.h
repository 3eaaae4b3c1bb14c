/* SPDX-License-Identifier: MIT */
/*
 * YAML as JSON: every configuration file becomes one json_t tree (DESIGN 7).
 *
 * One document; mappings with text keys, each given once; plain scalars that look like
 * null, true, false, an integer or a real become that, quoted ones stay text.  Aliases
 * and tags are refused, and more than 64 levels.  Errors name the line.
 */
#ifndef DAVIT_UTIL_YAML_H
#define DAVIT_UTIL_YAML_H

#include <jansson.h>

#include "util/err.h"

/* Parse `len` bytes into *out, which the caller decrefs; an empty text is an empty
 * object. */
int yaml_parse(const char *text, size_t len, json_t **out, struct err *err);

#endif
