/* SPDX-License-Identifier: MIT */
#include "runtime/logline.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/alloc.h"

enum { LINE_MAX_BYTES = 1 << 20 };
/* Levels stand at the beginning of a line, if anywhere. */
enum { SAID_WITHIN = 200 };

void log_lines_release(struct log_lines *lines)
{
	for (size_t i = 0; i < lines->len; i++)
		free(lines->v[i].text);
	free(lines->v);
	*lines = (struct log_lines)LOG_LINES_INIT;
}

void log_lines_add(struct log_lines *lines, const struct log_line *line)
{
	if ((lines->len & (lines->len - 1)) == 0)
		lines->v = xrealloc(lines->v, lines->len ? 2 * lines->len : 1,
				    sizeof *lines->v);
	lines->v[lines->len++] = *line;
}

struct keyed {
	struct log_line line;
	size_t order;
};

static int by_time(const void *a, const void *b)
{
	const struct keyed *l = a;
	const struct keyed *r = b;
	int rc = strcmp(l->line.at, r->line.at);

	if (rc == 0)
		rc = l->order < r->order ? -1 : 1;
	return rc;
}

void log_lines_merge(struct log_lines *lines, size_t max)
{
	struct keyed *all = xcalloc(lines->len + 1, sizeof *all);
	size_t drop = lines->len > max ? lines->len - max : 0;

	for (size_t i = 0; i < lines->len; i++)
		all[i] = (struct keyed){ .line = lines->v[i], .order = i };
	qsort(all, lines->len, sizeof *all, by_time);
	for (size_t i = 0; i < lines->len; i++) {
		if (i < drop)
			free(all[i].line.text);
		else
			lines->v[i - drop] = all[i].line;
	}
	lines->len -= drop;
	free(all);
}

void log_joiner_release(struct log_joiner *j)
{
	buf_release(&j->part[0]);
	buf_release(&j->part[1]);
}

/* The end of the word at `at`, which a space follows; NULL when there is none. */
static const char *word_end(const char *at, const char *end)
{
	return memchr(at, ' ', (size_t)(end - at));
}

static void finish(struct log_line *line, const char *stamp, const char *text, size_t len)
{
	*line = (struct log_line){ .text = xstrndup(text, len) };
	(void)snprintf(line->at, sizeof line->at, "%s", stamp);
}

bool log_join(struct log_joiner *j, const char *text, size_t len, struct log_line *line)
{
	const char *end = text + len;
	const char *stamp_end = word_end(text, end);
	const char *stream = stamp_end ? stamp_end + 1 : NULL;
	const char *stream_end = stream ? word_end(stream, end) : NULL;
	const char *tag = stream_end ? stream_end + 1 : NULL;
	int which;

	if (!tag || end - tag < 1 || (tag[0] != 'F' && tag[0] != 'P') ||
	    (end - tag > 1 && tag[1] != ' ') || stamp_end - text >= LOG_STAMP ||
	    stream_end - stream != 6) {
		finish(line, "", text, len);
		return true;
	}
	which = strncmp(stream, "stderr", 6) == 0;
	if (j->part[which].len == 0)
		(void)snprintf(j->at[which], LOG_STAMP, "%.*s", (int)(stamp_end - text),
			       text);
	if (end - tag > 2 && j->part[which].len < LINE_MAX_BYTES)
		buf_add(&j->part[which], tag + 2, (size_t)(end - tag - 2));
	if (tag[0] == 'P')
		return false;
	finish(line, j->at[which], j->part[which].data, j->part[which].len);
	line->from_stderr = which == 1;
	buf_reset(&j->part[which]);
	return true;
}

static const struct {
	const char *word;
	enum log_level level;
} words[] = {
	{ "debug", LOG_LEVEL_DEBUG },      { "trace", LOG_LEVEL_DEBUG },
	{ "verbose", LOG_LEVEL_DEBUG },    { "info", LOG_LEVEL_INFO },
	{ "information", LOG_LEVEL_INFO }, { "notice", LOG_LEVEL_INFO },
	{ "log", LOG_LEVEL_INFO },         { "warning", LOG_LEVEL_WARNING },
	{ "warn", LOG_LEVEL_WARNING },     { "error", LOG_LEVEL_ERROR },
	{ "err", LOG_LEVEL_ERROR },        { "severe", LOG_LEVEL_ERROR },
	{ "fatal", LOG_LEVEL_FATAL },      { "critical", LOG_LEVEL_FATAL },
	{ "crit", LOG_LEVEL_FATAL },       { "alert", LOG_LEVEL_FATAL },
	{ "emerg", LOG_LEVEL_FATAL },      { "emergency", LOG_LEVEL_FATAL },
	{ "panic", LOG_LEVEL_FATAL },
};

static enum log_level lookup(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n &&
		    strncasecmp(words[i].word, word, n) == 0)
			return words[i].level;
	return LOG_LEVEL_NONE;
}

enum log_level log_level_of(const char *name)
{
	return lookup(name, strlen(name));
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = {
		[LOG_LEVEL_NONE] = "info",   [LOG_LEVEL_DEBUG] = "debug",
		[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_FATAL] = "fatal",
	};

	return names[level];
}

/* pino and bunyan: 10 trace, 20 debug, … 60 fatal. */
static enum log_level by_number(long n)
{
	static const enum log_level levels[] = { LOG_LEVEL_DEBUG, LOG_LEVEL_DEBUG,
						 LOG_LEVEL_INFO,  LOG_LEVEL_WARNING,
						 LOG_LEVEL_ERROR, LOG_LEVEL_FATAL };

	return n >= 10 && n < 70 ? levels[n / 10 - 1] : LOG_LEVEL_NONE;
}

static bool is_key(const char *word, size_t n)
{
	static const char *const keys[] = { "level", "lvl", "severity", "loglevel",
					    "levelname" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strlen(keys[i]) == n && strncasecmp(keys[i], word, n) == 0)
			return true;
	return false;
}

static bool is_upper(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isupper((unsigned char)word[i]))
			return false;
	return true;
}

/* A level as a mark, not as a word of a sentence or of a path. */
static bool is_mark(const char *text, const char *word, size_t n)
{
	char before = word > text ? word[-1] : '\0';
	char after = word[n];

	if (before == '/' || before == '.' || before == '-' || after == '/' ||
	    after == '.')
		return false;
	return is_upper(word, n) || (before == '[' && after == ']') ||
	       (before == '<' && after == '>') || (!before && after == ':');
}

enum log_level log_level_said(const char *text)
{
	const char *at = text;
	bool key = false;

	if (strncmp(text, "Traceback (most recent", 22) == 0)
		return LOG_LEVEL_ERROR;
	while (*at && at - text < SAID_WITHIN) {
		size_t n = 0;
		enum log_level level;

		while (isalnum((unsigned char)at[n]))
			n++;
		if (!n) {
			at++;
			continue;
		}
		level = lookup(at, n);
		if (key && !level && isdigit((unsigned char)*at))
			level = by_number(strtol(at, NULL, 10));
		if (level && (key || is_mark(text, at, n)))
			return level;
		key = is_key(at, n);
		at += n;
	}
	return LOG_LEVEL_NONE;
}

int64_t log_stamp_seconds(const char *at)
{
	struct tm tm = { .tm_mday = 1 };
	const char *rest = strptime(at, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t seconds;
	int hours;
	int minutes;

	if (!rest)
		return -1;
	seconds = timegm(&tm);
	rest += *rest == '.' ? 1 + strspn(rest + 1, "0123456789") : 0;
	if ((*rest == '+' || *rest == '-') && strlen(rest) == 6) {
		hours = (rest[1] - '0') * 10 + rest[2] - '0';
		minutes = hours * 60 + (rest[4] - '0') * 10 + rest[5] - '0';
		seconds -= (*rest == '+' ? 60 : -60) * (int64_t)minutes;
	}
	return seconds;
}

void log_stamp_now(char out[LOG_STAMP])
{
	struct timespec now;
	struct tm tm;
	char text[24];
	long offset;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)localtime_r(&now.tv_sec, &tm);
	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	offset = labs(tm.tm_gmtoff) / 60;
	(void)snprintf(out, LOG_STAMP, "%s.%09ld%c%02ld:%02ld", text, now.tv_nsec,
		       tm.tm_gmtoff < 0 ? '-' : '+', offset / 60 % 100, offset % 60);
}
