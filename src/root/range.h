/* SPDX-License-Identifier: MIT */
/*
 * The 65,536 user ids of each app, kept in /var/lib/davit/ranges as lines "APP BASE".
 *
 * A range is never one that /etc/passwd, /etc/group, /etc/subuid or /etc/subgid names.
 */
#ifndef DAVIT_ROOT_RANGE_H
#define DAVIT_ROOT_RANGE_H

#include <jansson.h>
#include <stdbool.h>

#include "util/err.h"
#include "util/strv.h"

enum { RANGE_SIZE = 65536 };

/* Where an app's ids begin; given out on first use. */
int range_get(const char *app, unsigned *base, struct err *err);
int range_forget(const char *app, struct err *err);
int range_rename(const char *from, const char *to, struct err *err);
/* Does the file name this app? */
bool range_known(const char *app);

/* The lowest base that no line of `lines` ("APP BASE") and nobody in `taken` has.  0 when
 * all are given out.  `taken` holds pairs "FIRST COUNT". */
unsigned range_choose(const struct strv *lines, const struct strv *taken);

int verb_range(const json_t *op, json_t *reply, struct err *err);

#endif
