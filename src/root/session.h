/* SPDX-License-Identifier: MIT */
/*
 * A process in a container whose stdio is ours: until it ends, its time is over, or the
 * one who asked for it went away.
 */
#ifndef DAVIT_ROOT_SESSION_H
#define DAVIT_ROOT_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/err.h"

struct session_end {
	int code; /* exit status, or 128 + signal */
	bool timed_out;
	bool cancelled;
};

/* Become the parent of processes whose runtime has ended. */
int session_adopt(struct err *err);

/* A socket that the runtime sends the terminal's master to; its path must be unlinked. */
int session_console_open(char path[64], int *fd, struct err *err);
/* The master, once the runtime has started the process. */
int session_console_take(int listener, int *master, struct err *err);

struct session {
	pid_t pid;
	int master;     /* of its terminal, or -1 */
	int timeout_ms; /* 0 = none */
	bool group;     /* kill its process group, not only itself */
};

/* Wait for the process, a child or an adopted one; on timeout and cancel it is killed. */
int session_wait(const struct session *s, struct session_end *end, struct err *err);

#endif
