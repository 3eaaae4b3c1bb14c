/* SPDX-License-Identifier: MIT */
/* What the judges of a template's directives share: confine.c walks and asks them. */
#ifndef DAVIT_PLUGINS_NGINX_CONFINE_H
#define DAVIT_PLUGINS_NGINX_CONFINE_H

#include "plugins/nginx/nginx.h"
#include "util/nginx_words.h"

enum { CONFINE_NAMES_MAX = 64 };

enum confine_block { BLOCK_TOP, BLOCK_SERVER, BLOCK_UPSTREAM, BLOCK_OTHER };

struct confine {
	const struct confine_want *want;
	struct nginx_reader in;
	enum confine_block block; /* the one we are in */
	/* What the text defines, by the names it gives. */
	struct strv upstreams;
	struct strv variables;
	struct strv zones;
	long zone_bytes;
	/* The server block we are in. */
	bool listens;
	bool named;
	bool shares; /* a port with other apps */
	bool told_http2;
	char *instead[NGINX_WORDS_MAX]; /* of words of the directive at hand */
	struct buf *out;
	const char *copied; /* the text up to here is in out */
	struct strv *names;
	struct err *err;
};

/* "line N: DIRECTIVE: why"; returns -1. */
int confine_refuse(struct confine *c, const struct strv *words, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* In place of a word of the directive at hand; takes `text`. */
void confine_word(struct confine *c, size_t i, char *text);
/* In place of this part of the text, which is behind all that was put before. */
void confine_put(struct confine *c, const char *from, const char *to, const char *text);

/* The names that a text defines (own_names.c): find them all, then write each as the app's. */
int confine_find_names(struct confine *c, const char *text);
char *confine_upstream(const struct confine *c, const char *name);
char *confine_zone(const struct confine *c, const char *name);
/* Variables of its maps, in the part of the text from `from` to `to`: a new string. */
char *confine_variables(const struct confine *c, const char *from, const char *to);

/* A pattern in word i, whose text it is, with a limit to what it may cost (regex.c): a new string,
 * or NULL where that word is none.  table: a line of a map. */
char *confine_pattern(const struct strv *words, size_t i, bool table, const char *text);

/* What a directive says, beyond the list that all files obey.  0, CONFINE_DONE (the whole
 * of it was put otherwise), or -1. */
enum { CONFINE_DONE = 1 };
typedef int confine_judge(struct confine *c, const struct strv *words);
confine_judge *confine_judge_of(const char *directive);

#endif
