/* SPDX-License-Identifier: MIT */
/*
 * The log files of instances and one-off containers.  /var/log/davit/APP/NAME.log is the
 * current one, NAME.log.0 the one before it where conmon began a new one by itself, NAME.log.1
 * and on the older ones.  NAME is "web.1.v12" for an instance that release 12 started, and "run.1234"
 * for a one-off command.  davit's own lines about an app are in a file of its own (applog.h).
 * The head of a file may be a hole: cut off to keep the app within its bytes.
 */
#ifndef DAVIT_RUNTIME_LOGFILE_H
#define DAVIT_RUNTIME_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/logline.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

/* Which lines are wanted; the zero value is all of them. */
struct log_want {
	const char *process;  /* "web" or "web.1" */
	int release;          /* of this one only */
	enum log_level level; /* at least */
	int64_t since;        /* seconds since 1970 */
};

/* One file that is being read to its end again and again, over rotations. */
struct log_file {
	char *path;
	char *name;           /* the file's: "web.1.v12" */
	char label[LOG_NAME]; /* "web.1" */
	int release;
	bool own; /* davit's lines, which name their process themselves */
	const struct log_want *want; /* or NULL; borrowed */
	int fd;
	off_t at;               /* up to where whole lines have been taken */
	enum log_level last[2]; /* of the lines before, per stream */
	struct log_joiner joiner;
};

/* Open NAME.log of an app; a missing file is an empty one until it appears. */
void log_file_open(struct log_file *f, const char *app, const char *name);
/* Open the file of davit's own lines. */
void log_file_open_own(struct log_file *f, int64_t app_id);
void log_file_close(struct log_file *f);
/* Append its last `max` lines, older files included, and stand at the end. */
int log_file_tail(struct log_file *f, size_t max, struct log_lines *lines,
		  struct err *err);
/* Append what has been written since, also by a file that took its place. */
int log_file_more(struct log_file *f, struct log_lines *lines, struct err *err);

/* "web.1.v12" → "web.1" and 12; a name without a release has 0. */
void log_name_split(const char *name, char label[LOG_NAME], int *release);
/* Is "web.1" wanted by "web.1", or by "web"? */
bool log_name_matches(const char *label, const char *process);
/* Names of an app's logs ("web.1.v12"), those of one process type or one label only where
 * `process` is given, in order. */
int log_names(const char *app, const char *process, struct strv *names, struct err *err);

#endif
