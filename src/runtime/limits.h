/* SPDX-License-Identifier: MIT */
/*
 * Limits of an app's containers, from the properties that resource:limit writes
 * ("web.limit.memory", "_default_.limit.cpu", …), and what resource:reserve keeps for them.
 * 0 is the default of davit-root's policy.
 */
#ifndef DAVIT_RUNTIME_LIMITS_H
#define DAVIT_RUNTIME_LIMITS_H

#include "store/app.h"

struct limits {
	int64_t memory; /* bytes */
	int64_t swap;   /* bytes */
	int64_t disk;   /* bytes, of the writable layer */
	int64_t cpu;    /* thousandths of a core */
	int64_t pids;
	int64_t memory_reserve; /* bytes */
	int64_t cpu_reserve;    /* thousandths of a core */
	int64_t rate_in;        /* bytes a second */
	int64_t rate_out;
};

/* `process` may be "build".  -1 only when the store fails. */
int limits_of(struct store *st, const struct app *app, const char *process,
	      struct limits *out, struct err *err);

/* "512", "512m", "1.5g" → bytes; a bare number is megabytes.  -1: not a size. */
int64_t limits_parse_size(const char *text);

#endif
