/* SPDX-License-Identifier: MIT */
#include "util/jsonc.h"

#include <string.h>

#include "util/buf.h"
#include "util/cleanup.h"

/*
 * What is not JSON becomes spaces, line ends excepted, so that jansson's line and column
 * are those of the file.
 */
static void blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\n')
			*from = ' ';
}

/* The end of the string that begins at `at`, or of the text. */
static char *skip_string(char *at, char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\' && at + 1 < end)
			at++;
	return at < end ? at + 1 : end;
}

/* The end of the comment that begins at `at`, or `at` when there is none. */
static char *skip_comment(char *at, char *end)
{
	char *close;

	if (end - at < 2 || at[0] != '/')
		return at;
	if (at[1] == '/') {
		close = memchr(at, '\n', (size_t)(end - at));
		return close ? close : end;
	}
	if (at[1] != '*')
		return at;
	close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
	return close ? close + 2 : at;
}

static void strip_comments(char *at, char *end)
{
	while (at < end) {
		char *after;

		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		after = skip_comment(at, end);
		blank(at, after);
		at = after > at ? after : at + 1;
	}
}

static void strip_commas(char *at, char *end)
{
	char *comma = NULL;

	while (at < end) {
		if (*at == '"') {
			comma = NULL;
			at = skip_string(at, end);
			continue;
		}
		if (*at == ',')
			comma = at;
		else if ((*at == ']' || *at == '}') && comma)
			*comma = ' ';
		if (!strchr(", \t\r\n", *at))
			comma = NULL;
		at++;
	}
}

int jsonc_parse(const char *text, size_t len, json_t **out, struct err *err)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	json_error_t why;
	json_t *j;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	buf_add(&b, text, len);
	strip_comments(b.data, b.data + b.len);
	strip_commas(b.data, b.data + b.len);
	j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!j)
		return err_set(err, ERR_APP, "line %d, column %d: %s", why.line,
			       why.column, why.text);
	*out = j;
	return 0;
}
