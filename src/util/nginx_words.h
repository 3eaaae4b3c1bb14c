/* SPDX-License-Identifier: MIT */
/*
 * The words of an nginx configuration, split exactly as nginx does it: quotes, escapes,
 * comments, "${name}".  What they may say is for others to judge.
 */
#ifndef DAVIT_UTIL_NGINX_WORDS_H
#define DAVIT_UTIL_NGINX_WORDS_H

#include "util/buf.h"
#include "util/strv.h"

enum { NGINX_WORDS_MAX = 256 };

struct nginx_reader {
	const char *at;
	int line;
	int begun;       /* the line of the words taken last */
	struct buf word; /* whoever reads releases it */
	/* Where each of these words stands in the text, with its quotes. */
	const char *from[NGINX_WORDS_MAX];
	const char *to[NGINX_WORDS_MAX];
};

#define NGINX_READER(text)                                 \
	{                                                  \
		.at = (text), .line = 1, .word = BUF_INIT, \
	}

enum nginx_ending {
	NGINX_SEMICOLON,
	NGINX_OPEN,  /* a block begins */
	NGINX_CLOSE, /* a block ends; no words */
	NGINX_TEXT,  /* the text ends; no words */
	NGINX_BAD,   /* nginx would not understand it */
};

/* Append the words up to ";", "{" or "}". */
enum nginx_ending nginx_take_words(struct nginx_reader *r, struct strv *words);

#endif
