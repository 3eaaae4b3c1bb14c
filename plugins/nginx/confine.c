/* SPDX-License-Identifier: MIT */
/* A template's text, directive by directive, as the app's own and nobody else's. */
#include "plugins/nginx/confine.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/nginx_check.h"

enum { DEPTH_MAX = 12 };

int confine_refuse(struct confine *c, const struct strv *words, const char *fmt, ...)
{
	const struct confine_want *want = c->want;
	size_t at = (size_t)(c->in.begun > 0 ? c->in.begun - 1 : 0);
	AUTO_FREE char *said = strv_join(words, " ");
	char why[700];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	return err_set(c->err, ERR_APP, "line %d: %.120s%s%s",
		       want->lines && at < want->line_count ? want->lines[at]
							    : c->in.begun,
		       said, *said ? ": " : "", why);
}

void confine_put(struct confine *c, const char *from, const char *to, const char *text)
{
	buf_add(c->out, c->copied, (size_t)(from - c->copied));
	buf_adds(c->out, text);
	c->copied = to;
}

/* "(?<name>" makes a variable for all of nginx; "(?<=" and "(?<!" do not. */
static bool names_capture(const char *word)
{
	for (; (word = strstr(word, "(?")) != NULL; word += 2)
		if (word[2] == 'P' || word[2] == '\'' ||
		    (word[2] == '<' && word[3] != '=' && word[3] != '!'))
			return true;
	return false;
}

static int check_words(struct confine *c, const struct strv *words)
{
	strv_foreach(word, words) {
		if (names_capture(word))
			return confine_refuse(c, words,
					      "a group with a name is one for every app: "
					      "write ( ) and $1");
	}
	return 0;
}

void confine_word(struct confine *c, size_t i, char *text)
{
	free(c->instead[i]);
	c->instead[i] = text;
}

/* The words of a directive, as judges have changed them, with the names of variables and what
 * patterns may cost. */
static void put_words(struct confine *c, const struct strv *words, bool table)
{
	for (size_t i = 0; i < words->len; i++) {
		AUTO_FREE char *text = c->instead[i] ? xstrdup(c->instead[i])
						     : confine_variables(c, c->in.from[i],
									 c->in.to[i]);
		char *limited = confine_pattern(words, i, table, text);

		if (limited || (!c->instead[i] && c->variables.len))
			confine_word(c, i, limited ? limited : xstrdup(text));
		if (c->instead[i])
			confine_put(c, c->in.from[i], c->in.to[i], c->instead[i]);
		confine_word(c, i, NULL);
	}
}

/* The list that every file of nginx's here obeys, asked about one directive. */
static int check_listed(struct confine *c, const struct strv *words, bool opens)
{
	AUTO(buf_release) struct buf one = BUF_INIT;
	struct err why;
	int line;

	buf_add(&one, c->in.from[0], (size_t)(c->in.to[words->len - 1] - c->in.from[0]));
	buf_adds(&one, opens ? " {}" : ";");
	if (nginx_check(one.data, c->want->v->app, &line, &why) == 0)
		return 0;
	(void)confine_refuse(c, words, "%.300s", why.text);
	return err_hint(c->err, "%s", why.hint);
}

/* The lines of a map or of types are no directives. */
static int take_table(struct confine *c)
{
	for (;;) {
		AUTO(strv_release) struct strv words = STRV_INIT;
		enum nginx_ending end = nginx_take_words(&c->in, &words);

		if (end == NGINX_CLOSE)
			return 0;
		if (end != NGINX_SEMICOLON)
			return confine_refuse(c, &words, "a table is not whole");
		if (strcmp(words.v[0], "include") == 0 &&
		    check_listed(c, &words, false) < 0)
			return -1;
		if (check_words(c, &words) < 0)
			return -1;
		put_words(c, &words, true);
	}
}

static int take_body(struct confine *c, int depth);

static int end_server(struct confine *c, const struct strv *words)
{
	if (!c->listens)
		return confine_refuse(c, words,
				      "a server without listen takes port 80: write "
				      "listen {{ $listen_port }}; for a port of "
				      "PROXY_PORT_MAP");
	if (c->shares && !c->named)
		return confine_refuse(c, words,
				      "all apps share this port: write server_name "
				      "{{ $.NOSSL_SERVER_NAME }};");
	return 0;
}

static int take_block(struct confine *c, const struct strv *words, int depth)
{
	const enum confine_block outer = c->block;
	const int begun = c->in.begun;
	const char *name = words->v[0];

	if (depth >= DEPTH_MAX)
		return confine_refuse(c, words, "blocks are nested too deep");
	if (strcmp(name, "map") == 0 || strcmp(name, "types") == 0)
		return take_table(c);
	c->block = strcmp(name, "server") == 0     ? BLOCK_SERVER
		   : strcmp(name, "upstream") == 0 ? BLOCK_UPSTREAM
						   : BLOCK_OTHER;
	if (c->block == BLOCK_SERVER)
		c->listens = c->named = c->shares = false;
	if (take_body(c, depth + 1) < 0)
		return -1;
	c->in.begun = begun;
	if (c->block == BLOCK_SERVER && end_server(c, words) < 0)
		return -1;
	c->block = outer;
	return 0;
}

/* What may stand beside servers: nothing that is in force for other apps. */
static int check_top(struct confine *c, const struct strv *words, bool opens)
{
	static const struct {
		const char *name;
		bool block;
	} may[] = {
		{ "server", true },
		{ "upstream", true },
		{ "map", true },
		{ "limit_req_zone", false },
		{ "limit_conn_zone", false },
	};

	for (size_t i = 0; i < sizeof may / sizeof *may; i++)
		if (strcmp(words->v[0], may[i].name) == 0 && opens == may[i].block)
			return 0;
	return confine_refuse(c, words,
			      "here it is in force for every app: write it inside "
			      "server { }");
}

static int take_directive(struct confine *c, const struct strv *words, bool opens,
			  int depth)
{
	confine_judge *judge = confine_judge_of(words->v[0]);
	int rc;

	/* An include of the app's own lines is on no list: its judge knows it. */
	if (strcmp(words->v[0], "include") != 0 && check_listed(c, words, opens) < 0)
		return -1;
	if ((depth == 0 && check_top(c, words, opens) < 0) || check_words(c, words) < 0)
		return -1;
	rc = judge ? judge(c, words) : 0;
	if (rc < 0)
		return -1;
	if (rc != CONFINE_DONE)
		put_words(c, words, false);
	return opens ? take_block(c, words, depth) : 0;
}

static int take_body(struct confine *c, int depth)
{
	for (;;) {
		AUTO(strv_release) struct strv words = STRV_INIT;
		enum nginx_ending end = nginx_take_words(&c->in, &words);

		if ((end == NGINX_CLOSE && depth > 0) || (end == NGINX_TEXT && !depth))
			return 0;
		if (end != NGINX_SEMICOLON && end != NGINX_OPEN) {
			c->in.begun = c->in.line;
			return confine_refuse(c, &words, "a brace too many or too few");
		}
		if (take_directive(c, &words, end == NGINX_OPEN, depth) < 0)
			return -1;
	}
}

int nginx_confine(const struct confine_want *want, const char *text, struct buf *out,
		  struct strv *names, struct err *err)
{
	struct confine c = { .want = want,
			     .in = NGINX_READER(text),
			     .upstreams = STRV_INIT,
			     .variables = STRV_INIT,
			     .zones = STRV_INIT,
			     .out = out,
			     .copied = text,
			     .names = names,
			     .err = err };
	int rc = confine_find_names(&c, text);

	c.in.at = text;
	c.in.line = 1;
	if (rc == 0)
		rc = take_body(&c, 0);
	if (rc == 0)
		buf_adds(out, c.copied);
	buf_release(&c.in.word);
	strv_release(&c.upstreams);
	strv_release(&c.variables);
	strv_release(&c.zones);
	for (size_t i = 0; i < NGINX_WORDS_MAX; i++)
		free(c.instead[i]);
	return rc;
}
