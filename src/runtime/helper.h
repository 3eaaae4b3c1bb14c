/* SPDX-License-Identifier: MIT */
/*
 * Asking davit-root (root/protocol.h) to do what only root can.
 *
 *	AUTO(helper_release) struct helper h = HELPER_INIT;
 *	json_t *replies = NULL;
 *
 *	helper_add(&h, "signal", json_pack("{s:s, s:i}", "id", id, "signal", SIGTERM));
 *	if (helper_run(&h, &replies, err) < 0)
 *		return -1;
 *
 * One call runs a batch in order and stops at the first failure.
 */
#ifndef DAVIT_RUNTIME_HELPER_H
#define DAVIT_RUNTIME_HELPER_H

#include <jansson.h>

#include "util/err.h"
#include "util/proc.h"

struct helper {
	json_t *ops;
	int fds[PROC_PASS_MAX - 2]; /* borrowed */
	int fd_count;
	/* stdio of a `run` or `exec`: enum proc_flags.  What is not inherited is empty for
	 * stdin, and goes to on_line for stdout and stderr. */
	unsigned flags;
	int cancel_fd; /* readable or hung up: the work is undone; 0 = none */
	void (*on_line)(void *ctx, enum proc_stream from, const char *line);
	void *ctx;
};

#define HELPER_INIT         \
	{                   \
		.ops = NULL \
	}

void helper_release(struct helper *h);

/* Add an operation; `fields` (an object, or NULL) belongs to the batch from here on. */
void helper_add(struct helper *h, const char *verb, json_t *fields);
/* Pass a descriptor; returns the number to give in a field that ends in "_fd". */
int helper_pass(struct helper *h, int fd);

/* Run the batch.  0: *replies (the caller's, may be NULL) has one object per operation.
 * -1: *err has the cause and the hint that davit-root gave. */
int helper_run(struct helper *h, json_t **replies, struct err *err);

/* One operation without descriptors.  *reply is the caller's; `reply` may be NULL. */
int helper_one(const char *verb, json_t *fields, json_t **reply, struct err *err);

#endif
