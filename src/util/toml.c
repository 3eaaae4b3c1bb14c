/* SPDX-License-Identifier: MIT */
/* Lines, keys and tables; values are in toml_value.c. */
#include "util/toml.h"

#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/toml_reader.h"

/* Each header looks through all before it. */
enum { TABLES_MAX = 10000 };

int toml_fail(const struct toml_reader *r, const char *what)
{
	return err_set(r->err, ERR_APP, "line %d: %s", r->line, what);
}

void toml_skip_blanks(struct toml_reader *r)
{
	while (toml_more(r) && (*r->at == ' ' || *r->at == '\t'))
		r->at++;
}

/* A comment up to the end of its line; control characters are refused in it. */
static int skip_comment(struct toml_reader *r)
{
	for (; toml_more(r) && *r->at != '\n'; r->at++) {
		unsigned char c = (unsigned char)*r->at;

		if ((c < 0x20 && c != '\t' && !toml_is(r, "\r\n", 2)) || c == 0x7f)
			return toml_fail(r, "a control character in a comment");
	}
	return 0;
}

int toml_end_line(struct toml_reader *r)
{
	toml_skip_blanks(r);
	if (toml_more(r) && *r->at == '#' && skip_comment(r) < 0)
		return -1;
	if (toml_is(r, "\r\n", 2))
		r->at++;
	if (toml_more(r) && *r->at != '\n')
		return toml_fail(r, "there is something after the value");
	if (toml_more(r)) {
		r->at++;
		r->line++;
	}
	return 0;
}

int toml_skip_lines(struct toml_reader *r)
{
	for (;;) {
		toml_skip_blanks(r);
		if (!toml_more(r) ||
		    (*r->at != '#' && *r->at != '\n' && !toml_is(r, "\r\n", 2)))
			return 0;
		if (toml_end_line(r) < 0)
			return -1;
	}
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static int read_key_word(struct toml_reader *r, struct strv *path)
{
	AUTO(buf_release) struct buf word = BUF_INIT;

	if (toml_more(r) && (*r->at == '"' || *r->at == '\'')) {
		if (toml_read_string(r, true, &word) < 0)
			return -1;
	} else {
		while (toml_more(r) && is_bare(*r->at))
			buf_addc(&word, *r->at++);
		if (word.len == 0)
			return toml_fail(r, "a key is expected");
	}
	if (strlen(word.data) != word.len)
		return toml_fail(r, "a NUL in a key");
	strv_add(path, word.data);
	return 0;
}

int toml_read_key(struct toml_reader *r, struct strv *path)
{
	for (;;) {
		toml_skip_blanks(r);
		if (read_key_word(r, path) < 0)
			return -1;
		toml_skip_blanks(r);
		if (path->len > TOML_DEPTH_MAX)
			return toml_fail(r, "more than 64 levels");
		if (!toml_more(r) || *r->at != '.')
			return 0;
		r->at++;
	}
}

/* The table under a key, made where absent; of an array of tables the last one. */
static json_t *descend(struct toml_reader *r, json_t *table, const char *key)
{
	json_t *next = json_object_get(table, key);

	if (!next) {
		next = json_object();
		if (json_object_set_new(table, key, next) < 0) {
			(void)toml_fail(r, "a key is not UTF-8 text");
			return NULL;
		}
	}
	if (json_is_array(next) && json_array_size(next))
		next = json_array_get(next, json_array_size(next) - 1);
	if (json_is_object(next))
		return next;
	(void)toml_fail(r, "a key is a value and a table at once");
	return NULL;
}

int toml_set(struct toml_reader *r, json_t *table, const struct strv *path, json_t *value)
{
	for (size_t i = 0; i + 1 < path->len && table; i++)
		table = descend(r, table, path->v[i]);
	if (table && json_object_get(table, path->v[path->len - 1])) {
		(void)toml_fail(r, "a key is given a second time");
		table = NULL;
	}
	if (!table) {
		json_decref(value);
		return -1;
	}
	if (json_object_set_new(table, path->v[path->len - 1], value) < 0)
		return toml_fail(r, "a key is not UTF-8 text");
	return 0;
}

/* The new last element of an array of tables. */
static json_t *append_table(struct toml_reader *r, json_t *table, const char *key)
{
	json_t *list = json_object_get(table, key);
	json_t *last = json_object();

	if (!list) {
		list = json_array();
		if (json_object_set_new(table, key, list) < 0) {
			json_decref(last);
			(void)toml_fail(r, "a key is not UTF-8 text");
			return NULL;
		}
	}
	if (!json_is_array(list) || json_array_append_new(list, last) < 0) {
		if (!json_is_array(list))
			json_decref(last);
		(void)toml_fail(r, "a key is a value and an array of tables at once");
		return NULL;
	}
	return last;
}

/* "[a.b]" or "[[a.b]]": where the following lines belong. */
static json_t *read_header(struct toml_reader *r, json_t *root, struct strv *seen)
{
	AUTO(strv_release) struct strv path = STRV_INIT;
	AUTO_FREE char *name = NULL;
	bool array = toml_is(r, "[[", 2);
	json_t *table = root;

	r->at += array ? 2 : 1;
	if (toml_read_key(r, &path) < 0)
		return NULL;
	if (!toml_is(r, array ? "]]" : "]", array ? 2 : 1)) {
		(void)toml_fail(r, "a table's header is not closed");
		return NULL;
	}
	r->at += array ? 2 : 1;
	for (size_t i = 0; i + 1 < path.len && table; i++)
		table = descend(r, table, path.v[i]);
	if (!table)
		return NULL;
	if (array)
		return append_table(r, table, path.v[path.len - 1]);
	/* The table itself by its address: the name alone is no key in arrays of tables. */
	table = descend(r, table, path.v[path.len - 1]);
	name = xasprintf("%p", (void *)table);
	if (table && strv_find(seen, name) >= 0) {
		(void)toml_fail(r, "a table is given a second time");
		return NULL;
	}
	if (seen->len >= TABLES_MAX) {
		(void)toml_fail(r, "more than 10000 tables");
		return NULL;
	}
	strv_add(seen, name);
	return table;
}

int toml_read_pair(struct toml_reader *r, json_t *table)
{
	AUTO(strv_release) struct strv path = STRV_INIT;
	json_t *value;

	if (toml_read_key(r, &path) < 0)
		return -1;
	if (!toml_more(r) || *r->at != '=')
		return toml_fail(r, "there is no = after the key");
	r->at++;
	toml_skip_blanks(r);
	value = toml_read_value(r);
	return value ? toml_set(r, table, &path, value) : -1;
}

static int read_all(struct toml_reader *r, json_t *root)
{
	AUTO(strv_release) struct strv seen = STRV_INIT;
	json_t *table = root;

	for (;;) {
		if (toml_skip_lines(r) < 0)
			return -1;
		if (!toml_more(r))
			return 0;
		if (*r->at == '[') {
			table = read_header(r, root, &seen);
			if (!table)
				return -1;
		} else if (toml_read_pair(r, table) < 0) {
			return -1;
		}
		if (toml_end_line(r) < 0)
			return -1;
	}
}

int toml_parse(const char *text, size_t len, json_t **out, struct err *err)
{
	struct toml_reader r = { .at = text, .end = text + len, .line = 1, .err = err };
	json_t *root = json_object();

	if (toml_is(&r, "\xef\xbb\xbf", 3))
		r.at += 3;
	if (read_all(&r, root) < 0) {
		json_decref(root);
		return -1;
	}
	*out = root;
	return 0;
}
