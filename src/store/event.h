/* SPDX-License-Identifier: MIT */
/* Table event: every change, with who made it.  Secrets never stand in it. */
#ifndef DAVIT_STORE_EVENT_H
#define DAVIT_STORE_EVENT_H

#include "store/store.h"

struct event {
	const char *app;   /* or "" */
	const char *actor; /* name of the key, "root", or "davit" for its own doings */
	const char *command;
	const char *result; /* "ok", "failed", "crashed", … */
	const char *detail; /* or NULL */
	const char *key;    /* fingerprint of the ssh key, or NULL */
	int64_t at;         /* seconds since 1970; event_add sets it */
};

int event_add(struct store *st, const struct event *e, struct err *err);

/* The strings live as long as the call. */
typedef void event_fn(void *ctx, const struct event *e);

struct event_query {
	const char *app; /* or NULL: of the host and all apps */
	int64_t since;
	int limit; /* the newest of them */
};

/* Give the events to `take`, the oldest first. */
int event_list(struct store *st, const struct event_query *what, event_fn *take,
	       void *ctx, struct err *err);

/* Forget all but the newest `keep`. */
int event_prune(struct store *st, int keep, struct err *err);

/* Time of the newest event; 0 while there is none. */
int event_newest(struct store *st, int64_t *at, struct err *err);

#endif
