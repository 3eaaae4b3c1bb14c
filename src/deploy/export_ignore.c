/* SPDX-License-Identifier: MIT */
#include "deploy/export_ignore.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

/* Patterns longer than this match nothing, and so cannot take for ever. */
#define PATTERN_MAX 1024
/* Steps for one path, all rules together: "*a*a*a*…" against "aaa…" tries every way. */
#define STEPS_MAX 200000

/* [set] at p; *end is behind it.  1 inside, 0 outside, -1 not a set. */
static int in_set(const char *p, char c, const char **end)
{
	bool negated = p[1] == '!' || p[1] == '^';
	bool found = false;
	const char *s = p + 1 + negated;
	const char *first = s;

	for (; *s && (*s != ']' || s == first); s++) {
		if (*s == '\\' && s[1])
			s++;
		char low = *s;
		char high = low;

		if (s[1] == '-' && s[2] && s[2] != ']') {
			high = s[2];
			s += 2;
		}
		found |= (unsigned char)c >= (unsigned char)low &&
			 (unsigned char)c <= (unsigned char)high;
	}
	if (*s != ']')
		return -1;
	*end = s + 1;
	return found != negated;
}

static bool match(const char *p, const char *s, bool start, int *steps);

/* "*", "**" and "**" between slashes, at p. */
static bool match_star(const char *p, const char *s, bool start, int *steps)
{
	if (start && strncmp(p, "**/", 3) == 0) {
		for (const char *t = s; t; t = strchr(t, '/')) {
			t += t != s;
			if (match(p + 3, t, true, steps))
				return true;
		}
		return false;
	}
	if (start && strcmp(p, "**") == 0)
		return *s != '\0';
	while (*p == '*')
		p++;
	do {
		if (match(p, s, false, steps))
			return true;
	} while (*s && *s++ != '/');
	return false;
}

/* git's wildmatch with WM_PATHNAME: "*" and "?" stop at slashes, "**" does not. */
static bool match(const char *p, const char *s, bool start, int *steps)
{
	for (; *p; p++, s++, start = p[-1] == '/') {
		const char *end = p;
		int in = -1;

		if (++*steps > STEPS_MAX)
			return false;
		if (*p == '*')
			return match_star(p, s, start, steps);
		if (*p == '[') {
			in = in_set(p, *s, &end);
			*steps += in < 0 ? (int)strlen(p) : (int)(end - p);
		}
		if (in >= 0 || *p == '?') {
			if (in == 0 || !*s || *s == '/')
				return false;
			p = in >= 0 ? end - 1 : p;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		if (*p != *s)
			return false;
	}
	return !*s;
}

static bool rule_matches(const struct export_rule *r, const char *path, bool is_dir,
			 int *steps)
{
	size_t base = strlen(r->base);
	const char *slash = strrchr(path, '/');

	if ((r->dirs_only && !is_dir) || strncmp(path, r->base, base) != 0)
		return false;
	if (r->anchored)
		return match(r->pattern, path + base, true, steps);
	return match(r->pattern, slash ? slash + 1 : path, true, steps);
}

bool export_rules_ignore(const struct export_rules *r, const char *path, bool is_dir)
{
	int steps = 0;

	for (size_t i = r->len; i > 0; i--)
		if (rule_matches(&r->v[i - 1], path, is_dir, &steps))
			return r->v[i - 1].ignore;
	return false;
}

/* What a line says of export-ignore: 1 set, 0 unset, -1 nothing. */
static int attribute_of(const char *p, const char *end)
{
	static const char name[] = "export-ignore";
	int said = -1;

	while (p < end) {
		bool off = *p == '-' || *p == '!';
		const char *word = p + off;
		size_t n;

		while (p < end && !strchr(" \t\r", *p))
			p++;
		n = (size_t)(p - word);
		if (n == sizeof name - 1 && memcmp(word, name, n) == 0)
			said = !off;
		while (p < end && strchr(" \t\r", *p))
			p++;
	}
	return said;
}

static void add_rule(struct export_rules *r, const char *base, const char *pattern,
		     size_t len, bool ignore)
{
	struct export_rule rule = { .ignore = ignore };

	if (len > 1 && pattern[len - 1] == '/') {
		rule.dirs_only = true;
		len--;
	}
	rule.anchored = memchr(pattern, '/', len) != NULL;
	if (*pattern == '/') {
		pattern++;
		len--;
	}
	if (!len || len > PATTERN_MAX)
		return;
	rule.pattern = xstrndup(pattern, len);
	rule.base = xstrdup(base);
	r->v = xrealloc(r->v, r->len + 1, sizeof *r->v);
	r->v[r->len++] = rule;
}

/* "pattern attribute…"; a pattern with blanks stands in double quotes. */
static void add_line(struct export_rules *r, const char *base, const char *p,
		     const char *end)
{
	const char *pattern;
	int said;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p == '#' || *p == '!' ||
	    (end - p > 6 && memcmp(p, "[attr]", 6) == 0))
		return;
	pattern = p + (*p == '"');
	if (*p == '"') {
		p = memchr(pattern, '"', (size_t)(end - pattern));
		if (!p)
			return;
	} else {
		while (p < end && *p != ' ' && *p != '\t')
			p++;
	}
	size_t len = (size_t)(p - pattern);

	p += p < end; /* the quote or the blank */
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	said = attribute_of(p, end);
	if (said >= 0)
		add_rule(r, base, pattern, len, said);
}

void export_rules_add(struct export_rules *r, const char *base, const char *text,
		      size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		if (!memchr(text, '\0', (size_t)(stop - text)))
			add_line(r, base, text, stop);
		text = stop + 1;
	}
}

void export_rules_cut(struct export_rules *r, size_t len)
{
	while (r->len > len) {
		r->len--;
		free(r->v[r->len].pattern);
		free(r->v[r->len].base);
	}
}

void export_rules_release(struct export_rules *r)
{
	export_rules_cut(r, 0);
	free(r->v);
	r->v = NULL;
}
