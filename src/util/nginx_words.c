/* SPDX-License-Identifier: MIT */
#include "util/nginx_words.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 4000 };

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct nginx_reader *r)
{
	while (*r->at && (is_space(*r->at) || *r->at == '#')) {
		if (*r->at == '#')
			r->at += strcspn(r->at, "\n");
		else
			r->line += *r->at++ == '\n';
	}
}

/* nginx gives up its backslash before these; before others both characters stay. */
static void take_escaped(struct nginx_reader *r)
{
	char c = r->at[1];

	if (!c) {
		buf_addc(&r->word, *r->at++);
		return;
	}
	if (c == 't' || c == 'r' || c == 'n')
		buf_adds(&r->word, c == 't' ? "\t" : c == 'r' ? "\r" : "\n");
	else if (c == '"' || c == '\'' || c == '\\')
		buf_addc(&r->word, c);
	else
		buf_add(&r->word, r->at, 2);
	r->line += c == '\n';
	r->at += 2;
}

static bool take_quoted(struct nginx_reader *r, char quote)
{
	for (r->at++; *r->at != quote;) {
		if (!*r->at || r->word.len > WORD_MAX)
			return false;
		if (*r->at == '\\') {
			take_escaped(r);
			continue;
		}
		r->line += *r->at == '\n';
		buf_addc(&r->word, *r->at++);
	}
	r->at++;
	/* nginx wants a space or an end after it; ")" it takes as the next word. */
	return is_space(*r->at) || strchr(";{)", *r->at) != NULL;
}

static bool take_bare(struct nginx_reader *r)
{
	while (*r->at && !is_space(*r->at) && *r->at != ';' && *r->at != '{') {
		if (r->word.len > WORD_MAX)
			return false;
		if (*r->at == '\\') {
			take_escaped(r);
			continue;
		}
		/* "${name}" is one variable: its brace opens no block. */
		if (r->at[0] == '$' && r->at[1] == '{')
			buf_addc(&r->word, *r->at++);
		buf_addc(&r->word, *r->at++);
	}
	return true;
}

/* The words up to ";", "{" or "}". */
enum nginx_ending nginx_take_words(struct nginx_reader *r, struct strv *words)
{
	for (;;) {
		skip_space(r);
		switch (*r->at) {
		case '\0': return words->len ? NGINX_BAD : NGINX_TEXT;
		case ';': r->at++; return words->len ? NGINX_SEMICOLON : NGINX_BAD;
		case '{': r->at++; return words->len ? NGINX_OPEN : NGINX_BAD;
		case '}': r->at++; return words->len ? NGINX_BAD : NGINX_CLOSE;
		default: break;
		}
		if (words->len >= NGINX_WORDS_MAX)
			return NGINX_BAD;
		buf_reset(&r->word);
		if (words->len == 0)
			r->begun = r->line;
		r->from[words->len] = r->at;
		bool quoted = *r->at == '"' || *r->at == '\'';

		if (!(quoted ? take_quoted(r, *r->at) : take_bare(r)))
			return NGINX_BAD;
		r->to[words->len] = r->at;
		strv_add(words, r->word.data);
	}
}
