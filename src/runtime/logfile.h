/* SPDX-License-Identifier: MIT */
/*
 * The log files of instances and one-off containers, as conmon's k8s-file driver writes
 * them: "2026-11-23T05:00:00.123456789+00:00 stdout F text", where a tag P instead of F
 * marks a piece of a line that goes on.  /var/log/davit/APP/NAME.log is the current one,
 * NAME.log.1 the one before.
 */
#ifndef DAVIT_RUNTIME_LOGFILE_H
#define DAVIT_RUNTIME_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

enum { LOG_STAMP = 40 };

/* One whole line. */
struct log_line {
	char at[LOG_STAMP];
	const char *name; /* "web.1"; not owned */
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

/* One file that is being read to its end again and again, over rotations. */
struct log_file {
	char *path;
	char *name;
	int fd;
	off_t at; /* up to where whole lines have been taken */
	struct log_joiner joiner;
};

/* Open NAME.log of an app; a missing file is an empty one until it appears. */
void log_file_open(struct log_file *f, const char *app, const char *name);
void log_file_close(struct log_file *f);
/* Append its last `max` lines, older files included, and stand at the end. */
int log_file_tail(struct log_file *f, size_t max, struct log_lines *lines,
		  struct err *err);
/* Append what has been written since, also by a file that took its place. */
int log_file_more(struct log_file *f, struct log_lines *lines, struct err *err);

/* Order by time, lines of one file in their order, and keep the last `max`. */
void log_lines_merge(struct log_lines *lines, size_t max);

/* Names of an app's logs ("web.1"), those of one process type or one name only where
 * `filter` is given, in order. */
int log_names(const char *app, const char *filter, struct strv *names, struct err *err);

#endif
