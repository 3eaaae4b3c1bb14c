/* SPDX-License-Identifier: MIT */
/*
 * What the user sees, in Dokku's marks: seven columns in front of every line.
 * One `struct out` per request; where it writes is decided by who made it (a terminal,
 * an ssh channel, the log of a deploy).  Nothing else in the tree prints.
 *
 * Inside a deploy everything goes to the log first and to the client without blocking
 * (see out_log): a client that stopped reading, or is gone, never stops the work.
 */
#ifndef DAVIT_UTIL_OUT_H
#define DAVIT_UTIL_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct out {
	bool quiet;       /* --quiet: drop what is marked "quiet" below */
	bool trace;       /* --trace */
	bool aside;       /* everything goes to stderr: stdout speaks git's protocol */
	bool merged;      /* warnings go to stdout too, as in a deploy */
	bool client_gone; /* a write to the client failed: it is not tried again */
	bool late_failure; /* all is done, but what came after it failed: exit 1 in the end */
	int log_fd;        /* copy of everything, or 0 */
};

/* "-----> text"; dropped when quiet. */
void out_step(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "=====> text"; dropped when quiet. */
void out_title(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Seven spaces and the text; dropped when quiet. */
void out_note(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The bare line: an answer, never dropped. */
void out_line(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* " !     text" on stderr. */
void out_warn(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A bare line on stderr. */
void out_error_line(struct out *o, const char *line);
/* Bytes as they are, to stdout. */
void out_bytes(struct out *o, const void *data, size_t len);
/* Seven spaces and one line of somebody else's output, never dropped. */
void out_foreign(struct out *o, const char *line);

/* Was everything written?  False after ENOSPC or EPIPE on stdout. */
bool out_flush(struct out *o);

#endif
