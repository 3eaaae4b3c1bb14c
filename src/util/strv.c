/* SPDX-License-Identifier: MIT */
#include "util/strv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"

char *strv_empty[1];

void strv_init(struct strv *s)
{
	*s = (struct strv)STRV_INIT;
}

void strv_release(struct strv *s)
{
	for (size_t i = 0; i < s->len; i++)
		free(s->v[i]);
	if (s->cap)
		free(s->v);
	strv_init(s);
}

void strv_take(struct strv *s, char *item)
{
	if (s->len + 2 > s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 8;

		s->v = xrealloc(s->cap ? s->v : NULL, cap, sizeof *s->v);
		s->cap = cap;
	}
	s->v[s->len++] = item;
	s->v[s->len] = NULL;
}

void strv_add(struct strv *s, const char *item)
{
	strv_take(s, xstrdup(item));
}

void strv_addf(struct strv *s, const char *fmt, ...)
{
	char *item = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&item, fmt, ap) < 0)
		abort();
	va_end(ap);
	strv_take(s, item);
}

void strv_insert(struct strv *s, size_t at, const char *item)
{
	assert(at <= s->len);
	strv_add(s, item);
	char *moved = s->v[s->len - 1];

	memmove(s->v + at + 1, s->v + at, (s->len - 1 - at) * sizeof *s->v);
	s->v[at] = moved;
}

void strv_remove(struct strv *s, size_t at)
{
	assert(at < s->len);
	free(s->v[at]);
	memmove(s->v + at, s->v + at + 1, (s->len - at) * sizeof *s->v);
	s->len--;
}

int strv_find(const struct strv *s, const char *item)
{
	for (size_t i = 0; i < s->len; i++)
		if (strcmp(s->v[i], item) == 0)
			return (int)i;
	return -1;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *s)
{
	if (s->len > 1)
		qsort(s->v, s->len, sizeof *s->v, by_bytes);
}

void strv_split(struct strv *s, const char *text, const char *seps)
{
	for (;;) {
		text += strspn(text, seps);
		if (!*text)
			return;
		size_t n = strcspn(text, seps);

		strv_take(s, xstrndup(text, n));
		text += n;
	}
}

char *strv_join(const struct strv *s, const char *sep)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->len; i++) {
		if (i)
			buf_adds(&b, sep);
		buf_adds(&b, s->v[i]);
	}
	return buf_take(&b);
}

const char *const *strv_const(const struct strv *s)
{
	return (const char *const *)s->v;
}
