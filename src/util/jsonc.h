/* SPDX-License-Identifier: MIT */
/*
 * JSON as people write it in app.json and tsconfig files: with // and block comments, and
 * with commas before a closing bracket.
 */
#ifndef DAVIT_UTIL_JSONC_H
#define DAVIT_UTIL_JSONC_H

#include <jansson.h>

#include "util/err.h"

/* For AUTO(json_at) json_t *j = NULL. */
static inline void json_at(json_t **j)
{
	json_decref(*j);
}

/*
 * Parse `len` bytes into *out, which the caller decrefs.  ERR_APP names line and column;
 * a key given twice and bytes after the value are errors.
 */
int jsonc_parse(const char *text, size_t len, json_t **out, struct err *err);

#endif
