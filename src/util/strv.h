/* SPDX-License-Identifier: MIT */
/*
 * A list of strings it owns, NULL-terminated so that it can be handed to exec.
 * `v` is never NULL after STRV_INIT or once anything was added.
 */
#ifndef DAVIT_UTIL_STRV_H
#define DAVIT_UTIL_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **v;
	size_t len;
	size_t cap;
};

extern char *strv_empty[1];
#define STRV_INIT               \
	{                       \
		.v = strv_empty \
	}

#define strv_foreach(item, list)                                               \
	for (char **item##_at = (list)->v, *item; (item = *item##_at) != NULL; \
	     item##_at++)

void strv_init(struct strv *s);
void strv_release(struct strv *s);
void strv_add(struct strv *s, const char *item);
void strv_addf(struct strv *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void strv_take(struct strv *s, char *item); /* the list owns item now */
void strv_insert(struct strv *s, size_t at, const char *item);
void strv_remove(struct strv *s, size_t at);
/* Index of an equal item, or -1. */
int strv_find(const struct strv *s, const char *item);
void strv_sort(struct strv *s); /* byte order */
/* Split on any byte of `seps`; empty pieces are dropped. */
void strv_split(struct strv *s, const char *text, const char *seps);
/* Items joined by `sep`; the caller frees. */
char *strv_join(const struct strv *s, const char *sep);
/* For exec and for functions that only look. */
const char *const *strv_const(const struct strv *s);

#endif
