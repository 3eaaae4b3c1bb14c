/* SPDX-License-Identifier: MIT */
#include "util/words.h"

#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"

struct reader {
	const char *at;
	const char *end;
	struct buf word;
	bool open; /* a word has begun, though it may be empty: "" */
};

static int unmatched(const char *quote, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "unmatched %s in the command", quote);
	return err_hint(err, "quote the whole command once more for your own shell: "
			     "ssh davit@host 'config:set app KEY=\"a value\"'");
}

/* Up to the closing quote; nothing in between is special. */
static int read_single(struct reader *r, struct err *err)
{
	const char *close = memchr(r->at, '\'', (size_t)(r->end - r->at));

	if (!close)
		return unmatched("'", err);
	buf_add(&r->word, r->at, (size_t)(close - r->at));
	r->at = close + 1;
	return 0;
}

static int read_double(struct reader *r, struct err *err)
{
	while (r->at < r->end) {
		char c = *r->at++;

		if (c == '"')
			return 0;
		if (c == '\\' && r->at < r->end && strchr("\"\\$`", *r->at))
			c = *r->at++;
		buf_addc(&r->word, c);
	}
	return unmatched("\"", err);
}

static int digit_of(char c, int base)
{
	int v = c >= '0' && c <= '9'   ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : base;

	return v < base ? v : -1;
}

/* \xHH and \NNN; 0 when there is no digit, or when it is NUL. */
static char read_number(struct reader *r, int base, int most)
{
	int value = 0;

	for (; most > 0 && r->at < r->end && digit_of(*r->at, base) >= 0; most--)
		value = value * base + digit_of(*r->at++, base);
	return (char)(value & 0xff);
}

/* $'…': what bash's printf %q makes of a newline. */
static int read_escaped(struct reader *r, struct err *err)
{
	static const char from[] = "abefnrtv\\'\"?";
	static const char to[] = "\a\b\033\f\n\r\t\v\\'\"?";

	while (r->at < r->end) {
		char c = *r->at++;
		const char *known;

		if (c == '\'')
			return 0;
		if (c != '\\' || r->at == r->end) {
			buf_addc(&r->word, c);
			continue;
		}
		c = *r->at;
		known = strchr(from, c);
		if (known) {
			r->at++;
			buf_addc(&r->word, to[known - from]);
			continue;
		}
		r->at += c == 'x';
		c = read_number(r, c == 'x' ? 16 : 8, c == 'x' ? 2 : 3);
		if (c == '\0')
			return err_set(err, ERR_USAGE, "bad escape in $'...'");
		buf_addc(&r->word, c);
	}
	return unmatched("$'", err);
}

static int end_word(struct reader *r, struct strv *words, struct err *err)
{
	if (!r->open)
		return 0;
	if (words->len >= WORDS_MAX)
		return err_set(err, ERR_USAGE, "more than %d words in the command",
			       WORDS_MAX);
	strv_add(words, r->word.data);
	buf_reset(&r->word);
	r->open = false;
	return 0;
}

static int read_one(struct reader *r, struct strv *words, struct err *err)
{
	char c = *r->at++;

	if (c == ' ' || c == '\t' || c == '\n')
		return end_word(r, words, err);
	r->open = true;
	switch (c) {
	case '\'': return read_single(r, err);
	case '"': return read_double(r, err);
	case '\\':
		if (r->at == r->end)
			return unmatched("\\", err);
		buf_addc(&r->word, *r->at++);
		return 0;
	case '$':
		if (r->at < r->end && *r->at == '\'') {
			r->at++;
			return read_escaped(r, err);
		}
		break;
	default: break;
	}
	buf_addc(&r->word, c);
	return 0;
}

int words_split(const char *text, size_t len, struct strv *words, struct err *err)
{
	struct reader r = { .at = text, .end = text + len, .word = BUF_INIT };
	int rc = 0;

	if (len > WORDS_BYTES_MAX)
		return err_set(err, ERR_USAGE, "the command is longer than %d bytes",
			       WORDS_BYTES_MAX);
	if (memchr(text, '\0', len))
		return err_set(err, ERR_USAGE, "a NUL byte in the command");
	while (rc == 0 && r.at < r.end)
		rc = read_one(&r, words, err);
	if (rc == 0)
		rc = end_word(&r, words, err);
	buf_release(&r.word);
	return rc;
}

void words_quote(struct buf *line, const char *word)
{
	buf_addc(line, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_adds(line, "'\\''");
		else
			buf_addc(line, *word);
	buf_addc(line, '\'');
}

void words_quote_odd(struct buf *line, const char *word, const char *also)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:=@%+,-";
	const char *c = word;

	while (*c && (strchr(plain, *c) || strchr(also, *c)))
		c++;
	if (*word && !*c)
		buf_adds(line, word);
	else
		words_quote(line, word);
}
