/* SPDX-License-Identifier: MIT */
/*
 * The Procfile: a line "type: command" per process type.  Empty lines and lines that begin
 * with # or // are skipped; \r\n is a line end too.
 */
#ifndef DAVIT_RUNTIME_PROCFILE_H
#define DAVIT_RUNTIME_PROCFILE_H

#include <jansson.h>

#include "util/err.h"

enum { PROCFILE_MAX = 1 << 16, PROCFILE_COMMAND_MAX = 16384 };

/*
 * Parse into a new object, type → command, in the order of the file.  ERR_APP names the
 * line: no colon, a type outside the grammar, an empty command, a type given twice.
 */
int procfile_parse(const char *text, size_t len, json_t **types, struct err *err);

#endif
