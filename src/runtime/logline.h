/* SPDX-License-Identifier: MIT */
/*
 * One line of a log, as conmon's k8s-file driver writes it and as davit does for its own:
 * "2026-11-23T05:00:00.123456789+00:00 stdout F text", where a tag P instead of F marks a
 * piece of a line that goes on.
 *
 * The level is what the line says of itself ("ERROR", "[warn]", "level=info", a number
 * as bunyan and pino write it); a line that begins with a blank has the level of the one before;
 * one that says nothing is an error on stderr and information on stdout.
 */
#ifndef DAVIT_RUNTIME_LOGLINE_H
#define DAVIT_RUNTIME_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

enum { LOG_STAMP = 40, LOG_NAME = 80 };

enum log_level {
	LOG_LEVEL_NONE, /* says nothing */
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_FATAL,
};

/* One whole line. */
struct log_line {
	char at[LOG_STAMP];
	char name[LOG_NAME]; /* "web.1" */
	int release;         /* 0: not known */
	enum log_level level;
	bool from_stderr;
	bool own; /* davit's, about the process that is named */
	char *text;
};

struct log_lines {
	struct log_line *v;
	size_t len;
};

#define LOG_LINES_INIT    \
	{                 \
		.v = NULL \
	}

void log_lines_release(struct log_lines *lines);
/* The text is the list's from here on. */
void log_lines_add(struct log_lines *lines, const struct log_line *line);
/* Order by time, lines of one file in their order, and keep the last `max`. */
void log_lines_merge(struct log_lines *lines, size_t max);

/* Pieces of lines of the two streams, until they are whole. */
struct log_joiner {
	char at[2][LOG_STAMP];
	struct buf part[2];
};

#define LOG_JOINER_INIT                        \
	{                                      \
		.part = { BUF_INIT, BUF_INIT } \
	}

void log_joiner_release(struct log_joiner *j);
/*
 * Take one line of a file, without its newline.  True when a line is whole: *line is
 * filled, its text the caller's.  A line that is not of the format is taken as it is.
 */
bool log_join(struct log_joiner *j, const char *text, size_t len, struct log_line *line);

/* What the text says of its level. */
enum log_level log_level_said(const char *text);
/* "debug", "info", "warning" ("warn"), "error", "fatal"; LOG_LEVEL_NONE for others. */
enum log_level log_level_of(const char *name);
const char *log_level_name(enum log_level level);

/* Seconds since 1970 of a stamp, -1 when it is none; and the stamp of now. */
int64_t log_stamp_seconds(const char *at);
void log_stamp_now(char out[LOG_STAMP]);

#endif
