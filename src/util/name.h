/* SPDX-License-Identifier: MIT */
/*
 * Grammars of names, checked at the edge and again by the helper (DESIGN 3).
 */
#ifndef DAVIT_UTIL_NAME_H
#define DAVIT_UTIL_NAME_H

#include <stdbool.h>

enum { APP_NAME_MAX = 63, PROC_TYPE_MAX = 63 };

/* Labels [a-z0-9]([a-z0-9-]*[a-z0-9])? joined by dots, 63 characters at most. */
bool name_is_app(const char *s);
/* A process type of a Procfile: [A-Za-z0-9_-]{1,63}. */
bool name_is_process(const char *s);
/* An environment variable: [A-Za-z_][A-Za-z0-9_]*, 255 characters at most. */
bool name_is_env(const char *s);
/* A layer or container id: [A-Za-z0-9][A-Za-z0-9._-]*, 160 at most, no "..". */
bool name_is_id(const char *s);
/* A host name or "*.host": lower case, at most 253 characters, labels of at most 63. */
bool name_is_domain(const char *s);
/* A whole decimal number within [min, max]; false leaves *out alone. */
bool name_to_int(const char *s, long min, long max, long *out);

#endif
