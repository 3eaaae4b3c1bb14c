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
};

int event_add(struct store *st, const struct event *e, struct err *err);

#endif
