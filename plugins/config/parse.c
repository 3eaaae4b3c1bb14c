/* SPDX-License-Identifier: MIT */
/* Variables as words and as files. */
#include <string.h>

#include "plugins/config/config.h"
#include "util/alloc.h"
#include "util/base64.h"
#include "util/cleanup.h"

static int add(json_t *vars, const char *key, const char *value, size_t len,
	       struct err *err)
{
	if (config_check(key, value, len, err) < 0)
		return -1;
	(void)json_object_set_new(vars, key, json_stringn(value, len));
	return 0;
}

static int add_pair(json_t *vars, const char *pair, bool encoded, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	AUTO_FREE char *key = NULL;
	const char *equals = strchr(pair, '=');

	if (!equals) {
		(void)err_set(err, ERR_USAGE, "Invalid env pair: %.200s", pair);
		return err_hint(err, "a pair is KEY=VALUE; quote it where it has spaces");
	}
	key = xstrndup(pair, (size_t)(equals - pair));
	if (!encoded)
		return add(vars, key, equals + 1, strlen(equals + 1), err);
	if (!base64_decode(equals + 1, &value))
		return err_set(err, ERR_USAGE, "the value of %.200s is not base64", key);
	return add(vars, key, value.data, value.len, err);
}

int config_parse_pairs(const char *const *pairs, bool encoded, json_t **vars,
		       struct err *err)
{
	json_t *all = json_object();

	for (; *pairs; pairs++)
		if (add_pair(all, *pairs, encoded, err) < 0) {
			json_decref(all);
			return -1;
		}
	*vars = all;
	return 0;
}

/* What stands where while a file is read. */
struct reader {
	const char *at;
	const char *end;
	int line;
};

static bool more(const struct reader *r)
{
	return r->at < r->end;
}

static void skip_blanks(struct reader *r)
{
	while (more(r) && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

static int bad(const struct reader *r, const char *what, struct err *err)
{
	return err_set(err, ERR_USAGE, "line %d: %s", r->line, what);
}

static char escaped(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	default: return c;
	}
}

/* A quoted value, which may go over lines; backslashes count in double quotes. */
static int read_quoted(struct reader *r, struct buf *value, struct err *err)
{
	char quote = *r->at++;

	while (more(r) && *r->at != quote) {
		if (*r->at == '\n')
			r->line++;
		if (quote == '"' && *r->at == '\\' && r->at + 1 < r->end) {
			r->at++;
			buf_addc(value, escaped(*r->at));
		} else {
			buf_addc(value, *r->at);
		}
		r->at++;
	}
	if (!more(r))
		return bad(r, "a quote is not closed", err);
	r->at++;
	return 0;
}

/* Up to the end of the line, or to a # after a blank. */
static void read_bare(struct reader *r, struct buf *value)
{
	while (more(r) && *r->at != '\n') {
		if (*r->at == '#' && value->len &&
		    strchr(" \t", value->data[value->len - 1]))
			break;
		buf_addc(value, *r->at++);
	}
	while (value->len && strchr(" \t\r", value->data[value->len - 1]))
		buf_cut(value, value->len - 1);
}

static int read_value(struct reader *r, struct buf *value, struct err *err)
{
	skip_blanks(r);
	if (!more(r) || (*r->at != '"' && *r->at != '\'')) {
		read_bare(r, value);
		return 0;
	}
	if (read_quoted(r, value, err) < 0)
		return -1;
	skip_blanks(r);
	if (more(r) && *r->at != '\n' && *r->at != '#')
		return bad(r, "there is something after the closing quote", err);
	return 0;
}

static int read_line(struct reader *r, json_t *vars, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	AUTO_FREE char *key = NULL;
	const char *from;

	skip_blanks(r);
	if (r->end - r->at > 7 && strncmp(r->at, "export ", 7) == 0)
		r->at += 7;
	skip_blanks(r);
	if (!more(r) || *r->at == '\n' || *r->at == '#')
		return 0;
	from = r->at;
	while (more(r) && *r->at != '=' && *r->at != '\n' && *r->at != ' ')
		r->at++;
	key = xstrndup(from, (size_t)(r->at - from));
	skip_blanks(r);
	if (!more(r) || *r->at != '=')
		return bad(r, "there is no = after the name", err);
	r->at++;
	if (read_value(r, &value, err) < 0)
		return -1;
	if (add(vars, key, value.data, value.len, err) < 0)
		return err_context(err, "line %d", r->line);
	return 0;
}

int config_parse_envfile(const char *text, size_t len, json_t **vars, struct err *err)
{
	struct reader r = { .at = text, .end = text + len, .line = 1 };
	json_t *all = json_object();

	while (more(&r)) {
		if (read_line(&r, all, err) < 0) {
			json_decref(all);
			return -1;
		}
		while (more(&r) && *r.at != '\n') /* a comment */
			r.at++;
		if (more(&r))
			r.at++;
		r.line++;
	}
	*vars = all;
	return 0;
}
