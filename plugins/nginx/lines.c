/* SPDX-License-Identifier: MIT */
/*
 * Lines that plugins and administrators give for the inside of a server block.  davit-root
 * decides which directives are allowed; here they are only kept from leaving the
 * block.  The grammar is nginx's own: words, quotes, comments, ';' and braces.
 */
#include <string.h>

#include "plugins/nginx/nginx.h"

struct reader {
	const char *at;
	int line;
	int depth;
	bool in_words; /* a directive has begun and not ended */
};

static int refuse(const struct reader *r, const char *why, struct err *err)
{
	return err_set(err, ERR_REFUSED, "line %d of the nginx lines: %s", r->line, why);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void step(struct reader *r)
{
	if (*r->at == '\n')
		r->line++;
	r->at++;
}

/* From an opening quote to behind the closing one, which a space or an end follows. */
static int skip_quoted(struct reader *r, struct err *err)
{
	char quote = *r->at;

	step(r);
	while (*r->at && *r->at != quote) {
		if (*r->at == '\\' && r->at[1])
			step(r);
		step(r);
	}
	if (!*r->at)
		return refuse(r, "a quote that does not end", err);
	step(r);
	if (*r->at && !is_space(*r->at) && !strchr(";{)", *r->at))
		return refuse(r, "text directly after a closing quote", err);
	return 0;
}

/* A bare word ends at a space, ';' or '{'; a "${" is part of it. */
static void skip_word(struct reader *r)
{
	while (*r->at && !is_space(*r->at) && *r->at != ';' && *r->at != '{') {
		if ((*r->at == '\\' && r->at[1]) || (*r->at == '$' && r->at[1] == '{'))
			step(r);
		step(r);
	}
}

static int take_mark(struct reader *r, struct err *err)
{
	char mark = *r->at;

	step(r);
	if (mark == '}') {
		if (r->in_words)
			return refuse(r, "'}' in the middle of a directive", err);
		if (--r->depth < 0)
			return refuse(r, "'}' without its '{'", err);
		return 0;
	}
	if (!r->in_words)
		return refuse(r, "a ';' or '{' without a directive", err);
	r->in_words = false;
	if (mark == '{')
		r->depth++;
	return 0;
}

static int take_token(struct reader *r, struct err *err)
{
	char c = *r->at;

	if (is_space(c)) {
		step(r);
		return 0;
	}
	if (c == '#') {
		while (*r->at && *r->at != '\n')
			step(r);
		return 0;
	}
	if (c == ';' || c == '{' || c == '}')
		return take_mark(r, err);
	r->in_words = true;
	if (c == '"' || c == '\'')
		return skip_quoted(r, err);
	skip_word(r);
	return 0;
}

int nginx_lines_check(const char *text, struct err *err)
{
	struct reader r = { .at = text, .line = 1 };

	while (*r.at)
		if (take_token(&r, err) < 0)
			return -1;
	if (r.in_words)
		return refuse(&r, "the last directive has no ';'", err);
	if (r.depth > 0)
		return refuse(&r, "a '{' without its '}'", err);
	return 0;
}
