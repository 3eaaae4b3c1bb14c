/* SPDX-License-Identifier: MIT */
/*
 * Programs.  One way to run one: fill a struct, run, look at how it ended.
 *
 * argv[0] is an absolute path: there is no PATH search and never a shell.
 * env is the whole environment of the child: nothing is inherited.
 * The child starts with default signals, an empty mask, in its own process group
 * (unless PROC_FOREGROUND), and with no descriptor above 2 but those in `pass`, which
 * become 3, 4, … in order.  Its stdin holds *in, or nothing at all; it is never ours,
 * which may be carrying a pack from git, unless PROC_STDIN says so.
 */
#ifndef DAVIT_UTIL_PROC_H
#define DAVIT_UTIL_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/buf.h"
#include "util/err.h"

enum proc_stream { PROC_OUT, PROC_ERR };

enum proc_flags {
	PROC_STDIN = 1 << 0,      /* the child reads our stdin */
	PROC_STDOUT = 1 << 1,     /* the child writes to our stdout; no lines from it */
	PROC_STDERR = 1 << 2,     /* the same for stderr */
	PROC_MERGE = 1 << 3,      /* the child's stderr goes where its stdout goes */
	PROC_FOREGROUND = 1 << 4, /* stay in our process group (a tty, ^C for both) */
	PROC_HANGUP = 1 << 5,     /* cancel_fd counts when it hangs up, not when it can be
				     read: it may be our own stdout */
};

enum { PROC_PASS_MAX = 8 };

struct proc {
	const char *const *argv;
	const char *const *env;
	const char *dir;      /* working directory, or NULL for ours */
	const struct buf *in; /* bytes for stdin, or NULL for /dev/null */
	unsigned flags;       /* enum proc_flags */
	int timeout_ms;       /* the whole group is killed after this; 0 = never */
	/* A descriptor that cancels: when it becomes readable or hangs up, the group is
	 * killed as if the time were over.  0 = none. */
	int cancel_fd;
	/* For a child that we may not signal: at the end of the time, or when cancelled, this
	 * descriptor is closed instead (and set to -1), and the child is waited for. */
	int *hangup_fd;
	int pass[PROC_PASS_MAX];
	int pass_count;
	/* Each line without its newline; a NUL inside ends the line early. */
	void (*on_line)(void *ctx, enum proc_stream from, const char *line);
	void *ctx;
	struct buf *out; /* if on_line is NULL: collect stdout here (64 MiB at most) */
	struct buf *err; /* the same for stderr */
	int out_fd;      /* proc_start: stdout goes here; 0 = by the flags */
	int err_fd;      /* proc_start: the same for stderr */
};

struct proc_end {
	int code; /* exit status, or 128 + signal */
	bool timed_out;
	bool cancelled;
};

/*
 * Run *p and wait for it.  Returns 0 whenever the child ran, whatever its exit
 * status (see *end); -1 when it could not be started or waited for.
 */
int proc_run(const struct proc *p, struct proc_end *end, struct err *err);

/* Start *p and return at once; on_line, out, err, timeout and cancel do not apply:
 * what is not inherited goes to /dev/null.  The caller waits with proc_wait, or never. */
int proc_start(const struct proc *p, pid_t *pid, struct err *err);
int proc_wait(pid_t pid, struct proc_end *end, struct err *err);

/*
 * Run a daemon-like command that outlives us: double fork, new session, stdio on
 * /dev/null, every other descriptor closed.
 */
int proc_detach(const char *const *argv, const char *const *env, struct err *err);

/* The environment that our own tools get: PATH, LC_ALL=C.UTF-8, HOME=/. */
extern const char *const proc_plain_env[];

/* Start time of a process in clock ticks since boot (field 22 of its stat file), so that a
 * reused pid is not taken for the old process; 0 when there is no such process. */
unsigned long long proc_start_time(pid_t pid);
/* Is `pid` still the process that had this start time, be it ended and not yet waited for?
 * No where either is 0: nobody was written down. */
bool proc_lives(pid_t pid, unsigned long long started);
/* Has it ended, with nobody having waited for it yet?  (Its start time is still there.) */
bool proc_is_zombie(pid_t pid);

#endif
