/* SPDX-License-Identifier: MIT */
/*
 * A command that changes an app, or the host, leaves a mark while it is at it: the file
 * store/changes/APP-ID.PID with the start time of its process (app 0: the host).  A mark
 * whose process is gone says that nginx's file and the files that others read may be those
 * of before.  A boot writes them all, so a mark need not survive the power.
 */
#ifndef DAVIT_RUNTIME_CHANGE_H
#define DAVIT_RUNTIME_CHANGE_H

#include <stdint.h>

#include "util/err.h"

/* A new string for change_end(); NULL where there is no room for a mark. */
char *change_begin(int64_t app_id);
/* Takes the mark away; NULL is fine.  The string stays the caller's. */
void change_end(const char *mark);

/* Call `mend` for each mark of a process that is gone, and take it away when that returns 0,
 * not CHANGE_LEFT or -1.  -1: one of them failed, *err is of the last. */
enum { CHANGE_LEFT = 1 };
typedef int change_fn(void *ctx, int64_t app_id, struct err *err);
int change_each_dead(change_fn *mend, void *ctx, struct err *err);

#endif
