/* SPDX-License-Identifier: MIT */
/* Values of TOML: strings, numbers, dates, arrays, inline tables. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/toml.h"
#include "util/toml_reader.h"

static void add_utf8(struct buf *out, unsigned long c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
	} else if (c < 0x800) {
		buf_addc(out, (char)(0xc0 | c >> 6));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(out, (char)(0xe0 | c >> 12));
		buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(out, (char)(0xf0 | c >> 18));
		buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* \uXXXX or \UXXXXXXXX, behind the letter. */
static int read_code_point(struct toml_reader *r, int digits, struct buf *out)
{
	char text[9] = { 0 };
	unsigned long c;

	if (r->end - r->at < digits)
		return toml_fail(r, "an escape is cut off");
	memcpy(text, r->at, (size_t)digits);
	if (strspn(text, "0123456789abcdefABCDEF") != (size_t)digits)
		return toml_fail(r, "an escape is not hexadecimal");
	c = strtoul(text, NULL, 16);
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return toml_fail(r, "an escape is no character");
	add_utf8(out, c);
	r->at += digits;
	return 0;
}

/* A backslash at the end of a line takes the line end and what is blank after it. */
static bool skip_line_end(struct toml_reader *r)
{
	const char *at = r->at;

	while (at < r->end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	if (at >= r->end || *at != '\n')
		return false;
	for (; at < r->end && strchr(" \t\r\n", *at) && *at; at++)
		r->line += *at == '\n';
	r->at = at;
	return true;
}

static int read_escape(struct toml_reader *r, bool many, struct buf *out)
{
	static const char names[] = "btnfr\"\\e";
	static const char values[] = "\b\t\n\f\r\"\\\033";
	const char *name;

	if (many && skip_line_end(r))
		return 0;
	if (!toml_more(r))
		return toml_fail(r, "a string is not closed");
	if (*r->at == 'u' || *r->at == 'U') {
		r->at++;
		return read_code_point(r, r->at[-1] == 'u' ? 4 : 8, out);
	}
	name = *r->at ? strchr(names, *r->at) : NULL;
	if (!name)
		return toml_fail(r, "an unknown escape in a string");
	buf_addc(out, values[name - names]);
	r->at++;
	return 0;
}

/* One character of a string that is not its end. */
static int read_char(struct toml_reader *r, char quote, bool many, struct buf *out)
{
	unsigned char c = (unsigned char)*r->at;

	if (c == '\\' && quote == '"') {
		r->at++;
		return read_escape(r, many, out);
	}
	if (c == '\n' && !many)
		return toml_fail(r, "a string is not closed on its line");
	if ((c < 0x20 && c != '\t' && !(many && (c == '\n' || c == '\r'))) || c == 0x7f)
		return toml_fail(r, "a control character in a string");
	r->line += c == '\n';
	buf_addc(out, *r->at++);
	return 0;
}

/* Up to two quotes may stand right before the closing three. */
static void end_many(struct toml_reader *r, char quote, struct buf *out)
{
	int extra = 0;

	r->at += 3;
	for (; extra < 2 && toml_more(r) && *r->at == quote; extra++) {
		buf_addc(out, quote);
		r->at++;
	}
}

int toml_read_string(struct toml_reader *r, bool single, struct buf *out)
{
	char quote = *r->at;
	const char three[] = { quote, quote, quote };
	bool many = !single && toml_is(r, three, 3);

	r->at += many ? 3 : 1;
	if (many && toml_is(r, "\r\n", 2))
		r->at++;
	if (many && toml_is(r, "\n", 1)) {
		r->at++;
		r->line++;
	}
	while (toml_more(r)) {
		if (many && toml_is(r, three, 3)) {
			end_many(r, quote, out);
			return 0;
		}
		if (!many && *r->at == quote) {
			r->at++;
			return 0;
		}
		if (read_char(r, quote, many, out) < 0)
			return -1;
	}
	return toml_fail(r, "a string is not closed");
}

static json_t *read_text(struct toml_reader *r)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	json_t *j;

	if (toml_read_string(r, false, &text) < 0)
		return NULL;
	j = json_stringn(text.data, text.len);
	if (!j)
		(void)toml_fail(r, "a string is not UTF-8 text");
	return j;
}

/* Digits with single underscores between them become plain digits. */
static bool plain_digits(const char *from, const char *allowed, char *to)
{
	bool digit = false;

	for (; *from; from++) {
		if (*from == '_') {
			if (!digit || !from[1] || !strchr(allowed, from[1]))
				return false;
			digit = false;
			continue;
		}
		if (!strchr(allowed, *from))
			return false;
		digit = true;
		*to++ = *from;
	}
	*to = '\0';
	return true;
}

static json_t *based_integer(const char *word)
{
	static const struct {
		const char *prefix;
		int base;
		const char *digits;
	} bases[] = { { "0x", 16, "0123456789abcdefABCDEF" },
		      { "0o", 8, "01234567" },
		      { "0b", 2, "01" } };
	char text[80] = "";

	for (size_t i = 0; i < 3; i++) {
		long long n;

		if (strncmp(word, bases[i].prefix, 2) != 0)
			continue;
		if (!word[2] || !plain_digits(word + 2, bases[i].digits, text))
			return NULL;
		errno = 0;
		n = strtoll(text, NULL, bases[i].base);
		return errno ? NULL : json_integer(n);
	}
	return NULL;
}

/* Decimal integers and reals, underscores already out. */
static json_t *decimal(const char *text)
{
	const char *digits = text + (*text == '+' || *text == '-');
	size_t whole = strspn(digits, "0123456789");
	const char *rest = digits + whole;
	double real;

	if (whole == 0 || (whole > 1 && digits[0] == '0'))
		return NULL;
	errno = 0;
	if (!*rest) {
		long long n = strtoll(text, NULL, 10);

		return errno ? NULL : json_integer(n);
	}
	if (*rest == '.') {
		size_t n = strspn(rest + 1, "0123456789");

		if (n == 0)
			return NULL;
		rest += n + 1;
	}
	if (*rest == 'e' || *rest == 'E') {
		rest++;
		rest += *rest == '+' || *rest == '-';
		if (!*rest || strspn(rest, "0123456789") != strlen(rest))
			return NULL;
		rest += strlen(rest);
	}
	real = strtod(text, NULL);
	return *rest || !isfinite(real) ? NULL : json_real(real);
}

/* 1979-05-27, 07:32:00 and their combinations: as text. */
static bool is_date(const char *word)
{
	size_t n = strspn(word, "0123456789");

	return (n == 4 && word[4] == '-') || (n == 2 && word[2] == ':')
		       ? strspn(word, "0123456789-:.TtZz+ ") == strlen(word)
		       : false;
}

/* The characters of a number, a date or a word. */
static size_t word_length(const struct toml_reader *r)
{
	static const char stop[] = ",]}# \t\r\n";
	size_t n = 0;

	while (r->at + n < r->end && r->at[n] && !strchr(stop, r->at[n]))
		n++;
	/* "1979-05-27 07:32:00" has a blank inside. */
	if (n == 10 && r->at[4] == '-' && r->end - r->at > 13 && r->at[10] == ' ' &&
	    r->at[13] == ':') {
		n++;
		while (r->at + n < r->end && r->at[n] && !strchr(stop, r->at[n]))
			n++;
	}
	return n;
}

static json_t *read_word(struct toml_reader *r)
{
	size_t n = word_length(r);
	char word[80];
	char plain[80] = "";
	json_t *j = NULL;

	if (n == 0 || n >= sizeof word) {
		(void)toml_fail(r, "a value is expected");
		return NULL;
	}
	memcpy(word, r->at, n);
	word[n] = '\0';
	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
		j = json_boolean(word[0] == 't');
	else if (is_date(word))
		j = json_string(word);
	else if (word[0] == '0' && word[1] && strchr("xob", word[1]))
		j = based_integer(word);
	else if (plain_digits(word, "0123456789+-.eE", plain))
		j = decimal(plain);
	if (!j)
		(void)toml_fail(r, "a value that is no string, number, boolean or date");
	else
		r->at += n;
	return j;
}

static json_t *read_array(struct toml_reader *r)
{
	json_t *list = json_array();

	r->at++;
	for (;;) {
		json_t *item;

		if (toml_skip_lines(r) < 0)
			break;
		if (toml_more(r) && *r->at == ']') {
			r->at++;
			return list;
		}
		item = toml_read_value(r);
		if (!item)
			break;
		(void)json_array_append_new(list, item);
		if (toml_skip_lines(r) < 0)
			break;
		if (toml_more(r) && *r->at == ',') {
			r->at++;
		} else if (!toml_more(r) || *r->at != ']') {
			(void)toml_fail(r, "an array is not closed");
			break;
		}
	}
	json_decref(list);
	return NULL;
}

static int read_inline_pair(struct toml_reader *r, json_t *table)
{
	if (toml_read_pair(r, table) < 0)
		return -1;
	toml_skip_blanks(r);
	return 0;
}

static json_t *read_inline_table(struct toml_reader *r)
{
	json_t *table = json_object();

	r->at++;
	toml_skip_blanks(r);
	if (toml_more(r) && *r->at == '}') {
		r->at++;
		return table;
	}
	while (read_inline_pair(r, table) == 0) {
		if (toml_more(r) && *r->at == '}') {
			r->at++;
			return table;
		}
		if (!toml_more(r) || *r->at != ',') {
			(void)toml_fail(r, "an inline table is not closed");
			break;
		}
		r->at++;
	}
	json_decref(table);
	return NULL;
}

json_t *toml_read_value(struct toml_reader *r)
{
	json_t *j = NULL;

	if (!toml_more(r)) {
		(void)toml_fail(r, "a value is expected");
		return NULL;
	}
	if (++r->depth > TOML_DEPTH_MAX)
		(void)toml_fail(r, "more than 64 levels");
	else if (*r->at == '"' || *r->at == '\'')
		j = read_text(r);
	else if (*r->at == '[')
		j = read_array(r);
	else if (*r->at == '{')
		j = read_inline_table(r);
	else
		j = read_word(r);
	r->depth--;
	return j;
}
