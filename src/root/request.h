/* SPDX-License-Identifier: MIT */
/*
 * Typed access to the fields of one operation.  Everything that comes from outside goes
 * through here: a function returns 0 with its output set, or -1 with ERR_USAGE naming
 * the field.  Strings returned belong to the operation and live as long as it does.
 */
#ifndef DAVIT_ROOT_REQUEST_H
#define DAVIT_ROOT_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "util/err.h"
#include "util/strv.h"

/*
 * Every field of `op` must be named in `fields` (space separated; "verb" is implied) and
 * every named one must be there, unless it ends in '?'.
 */
int request_fields(const json_t *op, const char *fields, struct err *err);

/* An app name, or STACK_APP. */
int request_app(const json_t *op, const char *field, const char **out, struct err *err);
/* A layer, cache or container id (util/name.h). */
int request_id(const json_t *op, const char *field, const char **out, struct err *err);
/* Any text without NUL of at most `max` bytes. */
int request_text(const json_t *op, const char *field, size_t max, const char **out,
		 struct err *err);
/* As above; a missing field or null gives NULL. */
int request_text_or_null(const json_t *op, const char *field, size_t max,
			 const char **out, struct err *err);
/* An absolute path in normal form: no "//", ".", ".." and no slash at its end but "/". */
int request_path(const json_t *op, const char *field, const char **out, struct err *err);
bool request_path_ok(const char *path);

struct request_range {
	long min;
	long max;
	long otherwise; /* for a missing field */
};
int request_int(const json_t *op, const char *field, struct request_range range,
		long *out, struct err *err);
int request_bool(const json_t *op, const char *field, bool otherwise, bool *out,
		 struct err *err);
/* A descriptor that the caller passed: PROTOCOL_FIRST_FD or above, and open. */
int request_fd(const json_t *op, const char *field, int *out, struct err *err);
/* A list of texts, each accepted by `ok`; at most `max` of them.  Appends to *out. */
int request_list(const json_t *op, const char *field, bool (*ok)(const char *),
		 size_t max, struct strv *out, struct err *err);
/* `ok` functions for request_list. */
bool request_any(const char *s);
bool request_env_item(const char *s); /* "NAME=value" */

bool request_is_app(const char *s); /* an app name, or STACK_APP */

#endif
