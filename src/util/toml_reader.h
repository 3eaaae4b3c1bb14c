/* SPDX-License-Identifier: MIT */
/* What the two halves of the TOML reader share: where it stands, and keys. */
#ifndef DAVIT_UTIL_TOML_READER_H
#define DAVIT_UTIL_TOML_READER_H

#include <jansson.h>
#include <stdbool.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

struct toml_reader {
	const char *at;
	const char *end;
	int line;
	int depth;
	struct err *err;
};

static inline bool toml_more(const struct toml_reader *r)
{
	return r->at < r->end;
}

static inline bool toml_is(const struct toml_reader *r, const char *text, size_t len)
{
	return (size_t)(r->end - r->at) >= len && __builtin_memcmp(r->at, text, len) == 0;
}

/* "line N: what"; returns -1. */
int toml_fail(const struct toml_reader *r, const char *what);
void toml_skip_blanks(struct toml_reader *r);
/* Blanks, comments and line ends, as between the items of an array. */
int toml_skip_lines(struct toml_reader *r);
/* Up to the end of the line, which may hold a comment. */
int toml_end_line(struct toml_reader *r);

/* A key with its dots, appended word by word. */
int toml_read_key(struct toml_reader *r, struct strv *path);
/* Set a dotted key in a table; a key given twice is an error. */
int toml_set(struct toml_reader *r, json_t *table, const struct strv *path,
	     json_t *value);

/* KEY = VALUE, into the table. */
int toml_read_pair(struct toml_reader *r, json_t *table);

/* toml_value.c: any value; NULL after toml_fail. */
json_t *toml_read_value(struct toml_reader *r);
/* A string in any of its four forms, appended; `single`: one line only. */
int toml_read_string(struct toml_reader *r, bool single, struct buf *out);

#endif
