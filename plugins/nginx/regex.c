/* SPDX-License-Identifier: MIT */
/* The patterns of a template: an app's may not hold the workers that serve all. */
#include <string.h>

#include "plugins/nginx/confine.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* pcre2pattern(3), "Setting match and backtracking depth limits": the lower limit counts, so a
 * pattern cannot raise it.  nginx sets none, and PCRE's own lets one request take a worker for
 * the better part of a second; with this it answers 500 after some milliseconds. */
#define LIMIT "(*LIMIT_MATCH=100000)"

static bool is_operator(const char *word)
{
	static const char *const all[] = { "~", "~*", "!~", "!~*" };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(word, all[i]) == 0)
			return true;
	return false;
}

/* Directives whose words are patterns where they begin with '~'. */
static bool takes_tilde(const char *directive)
{
	static const char *const all[] = { "location",           "proxy_cookie_domain",
					   "proxy_cookie_flags", "proxy_cookie_path",
					   "proxy_redirect",     "valid_referers" };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(directive, all[i]) == 0)
			return true;
	return false;
}

/* Where in word i its pattern begins; -1: it has none. */
static int pattern_in(const struct strv *words, size_t i, bool table)
{
	const char *directive = words->v[0];
	const char *word = words->v[i];

	if (table ? i == 0 : i > 0 && takes_tilde(directive))
		if (*word == '~' && !is_operator(word))
			return word[1] == '*' ? 2 : 1;
	if (table || i == 0)
		return -1;
	if (strcmp(directive, "location") == 0 || strcmp(directive, "if") == 0)
		return is_operator(words->v[i - 1]) ? 0 : -1;
	if (strcmp(directive, "gzip_disable") == 0)
		return strcmp(word, "msie6") == 0 ? -1 : 0; /* a word of nginx's own */
	return strcmp(directive, "rewrite") == 0 && i == 1 ? 0 : -1;
}

char *confine_pattern(const struct strv *words, size_t i, bool table, const char *text)
{
	int at = pattern_in(words, i, table);

	if (at < 0)
		return NULL;
	at += *text == '"' || *text == '\'';
	return xasprintf("%.*s" LIMIT "%s", at, text, text + at);
}
