/* SPDX-License-Identifier: MIT */
/*
 * Upstreams, variables of maps and shared zones have one name for all of nginx: one app's
 * could stand in for another's.  In the file of an app each gets the app's name before it;
 * an app's name has no "_", so no two apps can come to the same.
 */
#include <ctype.h>
#include <string.h>

#include "plugins/nginx/confine.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

char *confine_upstream(const struct confine *c, const char *name)
{
	return xasprintf("davit_%s_%s", c->want->v->app, name);
}

char *confine_zone(const struct confine *c, const char *name)
{
	return confine_upstream(c, name);
}

/* A variable's name has letters, digits and "_" alone. */
static char *variable_of(const struct confine *c, const char *name, size_t len)
{
	AUTO(buf_release) struct buf out = BUF_INIT;

	buf_adds(&out, "davit_");
	for (const char *a = c->want->v->app; *a; a++)
		if (isalnum((unsigned char)*a))
			buf_addc(&out, *a);
		else
			buf_adds(&out, *a == '-' ? "_m" : "_p");
	buf_adds(&out, "__");
	buf_add(&out, name, len);
	return buf_take(&out);
}

static bool is_known(const struct strv *names, const char *name, size_t len)
{
	strv_foreach(known, names) {
		if (strlen(known) == len && strncmp(known, name, len) == 0)
			return true;
	}
	return false;
}

char *confine_variables(const struct confine *c, const char *from, const char *to)
{
	AUTO(buf_release) struct buf out = BUF_INIT;

	while (from < to) {
		bool braced = to - from > 1 && from[0] == '$' && from[1] == '{';
		const char *name = from + 1 + braced;
		size_t len = *from == '$' ? strspn(name, WORD) : 0;

		if (len && name + len <= to && is_known(&c->variables, name, len)) {
			AUTO_FREE char *own = variable_of(c, name, len);

			buf_addf(&out, braced ? "${%s" : "$%s", own);
			from = name + len;
		} else {
			buf_addc(&out, *from++);
		}
	}
	return buf_take(&out);
}

static int add_name(struct confine *c, const struct strv *words, struct strv *names,
		    const char *name)
{
	if (!*name || strspn(name, WORD "-.") != strlen(name) || strlen(name) > 100)
		return confine_refuse(c, words,
				      "a name of letters, digits, '-', '.' and '_' is "
				      "wanted, not %.40s",
				      name);
	if (names->len == CONFINE_NAMES_MAX)
		return confine_refuse(c, words, "more than %d names", CONFINE_NAMES_MAX);
	strv_add(names, name);
	return 0;
}

static int add_variable(struct confine *c, const struct strv *words)
{
	const char *name = words->len == 3 ? words->v[2] : "";

	if (*name != '$' || strspn(name + 1, WORD) != strlen(name + 1))
		return confine_refuse(c, words, "write: map $WHAT $name { … }");
	return add_name(c, words, &c->variables, name + 1);
}

/* limit_req_zone KEY zone=NAME:SIZE …, limit_conn_zone KEY zone=NAME:SIZE */
static int add_zone(struct confine *c, const struct strv *words)
{
	strv_foreach(word, words) {
		if (strncmp(word, "zone=", 5) != 0)
			continue;
		AUTO_FREE char *name = xstrndup(word + 5, strcspn(word + 5, ":"));

		return add_name(c, words, &c->zones, name);
	}
	return confine_refuse(c, words, "zone=NAME:SIZE is missing");
}

static int find_in(struct confine *c, const struct strv *words, bool opens)
{
	const char *name = words->v[0];

	if (opens && strcmp(name, "upstream") == 0 && words->len == 2)
		return add_name(c, words, &c->upstreams, words->v[1]);
	if (opens && strcmp(name, "map") == 0)
		return add_variable(c, words);
	if (strcmp(name, "limit_req_zone") == 0 || strcmp(name, "limit_conn_zone") == 0)
		return add_zone(c, words);
	return 0;
}

int confine_find_names(struct confine *c, const char *text)
{
	c->in.at = text;
	c->in.line = 1;
	for (;;) {
		AUTO(strv_release) struct strv words = STRV_INIT;
		enum nginx_ending end = nginx_take_words(&c->in, &words);

		if (end == NGINX_TEXT)
			return 0;
		if (end == NGINX_BAD) {
			c->in.begun = c->in.line;
			return confine_refuse(c, &words,
					      "the text ends too early, or has a ';', "
					      "brace or quote too many or too few");
		}
		if (words.len && find_in(c, &words, end == NGINX_OPEN) < 0)
			return -1;
	}
}
