/* SPDX-License-Identifier: MIT */
#include "root/request.h"

#include <fcntl.h>
#include <string.h>

#include "root/protocol.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"

#define PATH_BYTES 4095

static int bad(struct err *err, const char *field, const char *what)
{
	(void)err_set(err, ERR_USAGE, "field %s: %s", field, what);
	return err_hint(err, "davit and davit-root must be of the same version: install "
			     "both again");
}

/* Is `word` in the list?  Sets *optional for "word?". */
static bool listed(const char *fields, const char *word, bool *optional)
{
	size_t len = strlen(word);

	for (const char *p = fields; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		size_t bare = n && p[n - 1] == '?' ? n - 1 : n;

		*optional = bare < n;
		if (bare == len && memcmp(p, word, len) == 0)
			return true;
		p += n;
	}
	return false;
}

int request_fields(const json_t *op, const char *fields, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	const char *key = NULL;
	json_t *value;
	bool optional;

	json_object_foreach((json_t *)op, key, value) {
		if (strcmp(key, "verb") != 0 && !listed(fields, key, &optional))
			return bad(err, key, "unknown here");
	}
	strv_split(&names, fields, " ");
	strv_foreach(name, &names) {
		size_t n = strlen(name);

		if (name[n - 1] != '?' && !json_object_get(op, name))
			return bad(err, name, "missing");
	}
	return 0;
}

bool request_is_app(const char *s)
{
	return strcmp(s, STACK_APP) == 0 || name_is_app(s);
}

bool request_any(const char *s)
{
	return s != NULL;
}

bool request_env_item(const char *s)
{
	const char *eq = strchr(s, '=');

	if (!eq || eq == s)
		return false;
	AUTO_FREE char *name = xstrndup(s, (size_t)(eq - s));

	return name_is_env(name);
}

int request_text_or_null(const json_t *op, const char *field, size_t max,
			 const char **out, struct err *err)
{
	const json_t *v = json_object_get(op, field);

	if (!v || json_is_null(v)) {
		*out = NULL;
		return 0;
	}
	if (!json_is_string(v))
		return bad(err, field, "not a text");
	if (json_string_length(v) > max)
		return bad(err, field, "too long");
	if (strlen(json_string_value(v)) != json_string_length(v))
		return bad(err, field, "has a NUL inside");
	*out = json_string_value(v);
	return 0;
}

int request_text(const json_t *op, const char *field, size_t max, const char **out,
		 struct err *err)
{
	const char *s = NULL;

	if (request_text_or_null(op, field, max, &s, err) < 0)
		return -1;
	if (!s)
		return bad(err, field, "missing");
	*out = s;
	return 0;
}

static int checked(const json_t *op, const char *field, bool (*ok)(const char *),
		   const char **out, struct err *err)
{
	const char *s = "";

	if (request_text(op, field, PATH_BYTES, &s, err) < 0)
		return -1;
	if (!ok(s))
		return bad(err, field, "not a name of the right form");
	*out = s;
	return 0;
}

int request_app(const json_t *op, const char *field, const char **out, struct err *err)
{
	return checked(op, field, request_is_app, out, err);
}

int request_id(const json_t *op, const char *field, const char **out, struct err *err)
{
	return checked(op, field, name_is_id, out, err);
}

bool request_path_ok(const char *path)
{
	if (path[0] != '/' || strlen(path) > PATH_BYTES)
		return false;
	if (!path[1])
		return true;
	for (const char *p = path; *p;) {
		size_t n = strcspn(p + 1, "/");

		if (n == 0 || (n == 1 && p[1] == '.') ||
		    (n == 2 && p[1] == '.' && p[2] == '.'))
			return false;
		p += n + 1;
	}
	return true;
}

int request_path(const json_t *op, const char *field, const char **out, struct err *err)
{
	return checked(op, field, request_path_ok, out, err);
}

int request_int(const json_t *op, const char *field, struct request_range range,
		long *out, struct err *err)
{
	const json_t *v = json_object_get(op, field);

	if (!v) {
		*out = range.otherwise;
		return 0;
	}
	if (!json_is_integer(v) || json_integer_value(v) < range.min ||
	    json_integer_value(v) > range.max)
		return bad(err, field, "not a number in its range");
	*out = (long)json_integer_value(v);
	return 0;
}

int request_bool(const json_t *op, const char *field, bool otherwise, bool *out,
		 struct err *err)
{
	const json_t *v = json_object_get(op, field);

	if (v && !json_is_boolean(v))
		return bad(err, field, "not true or false");
	*out = v ? json_is_true(v) : otherwise;
	return 0;
}

int request_fd(const json_t *op, const char *field, int *out, struct err *err)
{
	long fd = 0;

	if (!json_object_get(op, field))
		return bad(err, field, "missing");
	if (request_int(op, field,
			(struct request_range){ .min = PROTOCOL_FIRST_FD, .max = 4095 },
			&fd, err) < 0)
		return -1;
	if (fcntl((int)fd, F_GETFD) < 0)
		return bad(err, field, "not an open descriptor");
	*out = (int)fd;
	return 0;
}

int request_list(const json_t *op, const char *field, bool (*ok)(const char *),
		 size_t max, struct strv *out, struct err *err)
{
	const json_t *list = json_object_get(op, field);
	json_t *item;
	size_t i;

	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > max)
		return bad(err, field, "not a list, or too long");
	json_array_foreach(list, i, item) {
		if (!json_is_string(item) ||
		    strlen(json_string_value(item)) != json_string_length(item) ||
		    !ok(json_string_value(item)))
			return bad(err, field, "an item of the wrong form");
		strv_add(out, json_string_value(item));
	}
	return 0;
}
