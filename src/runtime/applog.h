/* SPDX-License-Identifier: MIT */
/*
 * What davit itself did to an app: a crash and its restart, a kill for memory, a deploy.
 * The lines stand in the app's log beside those of its processes (logs APP).
 *
 * store/applog/APP-ID.log, of the user davit, so that neither a rename of the app nor a
 * line costs a call of davit-root.  Text of a line: "PROCESS RELEASE LEVEL what happened".
 */
#ifndef DAVIT_RUNTIME_APPLOG_H
#define DAVIT_RUNTIME_APPLOG_H

#include "runtime/logline.h"

/* The process of a line about the app as a whole. */
#define APPLOG_RELEASE "release"

struct applog {
	int64_t app_id;
	const char *process; /* "web.1", or APPLOG_RELEASE */
	int release;         /* 0: none yet */
	enum log_level level;
};

/* Write one line.  What cannot be written is lost: nothing fails for it. */
void applog_add(const struct applog *to, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Take the text of such a line apart into *line.  False when it has another form. */
bool applog_read(struct log_line *line);

/* Path of the file; the caller frees. */
char *applog_path(int64_t app_id);
/* The app is no more. */
void applog_remove(int64_t app_id);

#endif
