/* SPDX-License-Identifier: MIT */
#include "util/yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX 64

static int at_line(struct err *err, const yaml_mark_t *mark, const char *what)
{
	return err_set(err, ERR_USAGE, "line %zu: %s", mark->line + 1, what);
}

static int next(yaml_parser_t *y, yaml_event_t *e, struct err *err)
{
	if (yaml_parser_parse(y, e))
		return 0;
	return at_line(err, &y->problem_mark, y->problem ? y->problem : "not YAML");
}

static json_t *number(const char *s)
{
	char *end;
	long long n;
	double d;

	if (s[strspn(s, "0123456789.eE+-")] || !s[strcspn(s, "0123456789")])
		return NULL;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (!errno && !*end)
		return json_integer(n);
	errno = 0;
	d = strtod(s, &end);
	return !errno && !*end ? json_real(d) : NULL;
}

static json_t *plain(const char *s)
{
	json_t *n;

	if (!*s || strcmp(s, "~") == 0 || strcmp(s, "null") == 0)
		return json_null();
	if (strcmp(s, "true") == 0)
		return json_true();
	if (strcmp(s, "false") == 0)
		return json_false();
	n = number(s);
	return n ? n : json_string(s);
}

static int scalar(const yaml_event_t *e, json_t **out, struct err *err)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;

	if (strlen(s) != len)
		return at_line(err, &e->start_mark, "a NUL in a text");
	*out = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain(s)
							       : json_stringn(s, len);
	return *out ? 0 : at_line(err, &e->start_mark, "a text that is not UTF-8");
}

static int value(yaml_parser_t *y, yaml_event_t *e, int depth, json_t **out,
		 struct err *err);

/* Take events up to the end of a list or mapping that has begun. */
static int list(yaml_parser_t *y, int depth, json_t *into, struct err *err)
{
	for (;;) {
		yaml_event_t e;
		json_t *item = NULL;
		int rc;

		if (next(y, &e, err) < 0)
			return -1;
		if (e.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&e);
			return 0;
		}
		rc = value(y, &e, depth, &item, err);
		yaml_event_delete(&e);
		if (rc < 0)
			return -1;
		(void)json_array_append_new(into, item);
	}
}

static int pair(yaml_parser_t *y, const yaml_event_t *key, int depth, json_t *into,
		struct err *err)
{
	const char *name = (const char *)key->data.scalar.value;
	yaml_event_t e;
	json_t *item = NULL;
	int rc;

	if (key->type != YAML_SCALAR_EVENT)
		return at_line(err, &key->start_mark, "a key that is not a text");
	if (json_object_get(into, name))
		return at_line(err, &key->start_mark, "a key given twice");
	if (next(y, &e, err) < 0)
		return -1;
	rc = value(y, &e, depth, &item, err);
	yaml_event_delete(&e);
	if (rc < 0)
		return -1;
	if (json_object_set_new(into, name, item) < 0)
		return at_line(err, &key->start_mark, "a key that is not UTF-8");
	return 0;
}

static int mapping(yaml_parser_t *y, int depth, json_t *into, struct err *err)
{
	for (;;) {
		yaml_event_t key;
		int rc;

		if (next(y, &key, err) < 0)
			return -1;
		if (key.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&key);
			return 0;
		}
		rc = pair(y, &key, depth, into, err);
		yaml_event_delete(&key);
		if (rc < 0)
			return -1;
	}
}

static int value(yaml_parser_t *y, yaml_event_t *e, int depth, json_t **out,
		 struct err *err)
{
	json_t *got;
	int rc;

	if (depth >= DEPTH_MAX)
		return at_line(err, &e->start_mark, "too many levels");
	if (e->type == YAML_SCALAR_EVENT)
		return scalar(e, out, err);
	if (e->type != YAML_SEQUENCE_START_EVENT && e->type != YAML_MAPPING_START_EVENT)
		return at_line(err, &e->start_mark, "aliases are not taken");
	bool is_list = e->type == YAML_SEQUENCE_START_EVENT;

	got = is_list ? json_array() : json_object();
	rc = is_list ? list(y, depth + 1, got, err) : mapping(y, depth + 1, got, err);
	if (rc < 0) {
		json_decref(got);
		return -1;
	}
	*out = got;
	return 0;
}

static int document(yaml_parser_t *y, json_t **out, struct err *err)
{
	for (;;) {
		yaml_event_t e;
		int rc = 0;

		if (next(y, &e, err) < 0)
			return -1;
		yaml_event_type_t type = e.type;
		bool more = type == YAML_DOCUMENT_START_EVENT && *out;

		if (more)
			rc = at_line(err, &e.start_mark, "a second document");
		else if (type != YAML_STREAM_START_EVENT &&
			 type != YAML_DOCUMENT_START_EVENT &&
			 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT)
			rc = value(y, &e, 0, out, err);
		yaml_event_delete(&e);
		if (rc < 0)
			return -1;
		if (type == YAML_STREAM_END_EVENT)
			return 0;
	}
}

int yaml_parse(const char *text, size_t len, json_t **out, struct err *err)
{
	yaml_parser_t y;
	json_t *got = NULL;
	int rc;

	if (!yaml_parser_initialize(&y))
		return err_set(err, ERR_HOST, "cannot start the YAML parser");
	yaml_parser_set_input_string(&y, (const unsigned char *)text, len);
	rc = document(&y, &got, err);
	yaml_parser_delete(&y);
	if (rc < 0) {
		json_decref(got);
		return -1;
	}
	*out = got ? got : json_object();
	return 0;
}
