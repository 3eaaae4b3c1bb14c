/* SPDX-License-Identifier: MIT */
/* Allocation that never returns NULL: without memory the process ends with status 71. */
#ifndef DAVIT_UTIL_ALLOC_H
#define DAVIT_UTIL_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size); /* checks count * size */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
/* A new string from a format; the caller frees it. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
