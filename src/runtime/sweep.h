/* SPDX-License-Identifier: MIT */
/* Files and trees that nobody will come back for. */
#ifndef DAVIT_RUNTIME_SWEEP_H
#define DAVIT_RUNTIME_SWEEP_H

#include <stdbool.h>

#include "store/app.h"
#include "util/strv.h"

/* Remove what killed writers left (NAME.new.PID) in the directories of the app, or (NULL)
 * of the host. */
void sweep_new_files(const char *app);

/* Paths of the locks of apps that the store does not know; nothing is removed.  -1: the
 * store does not answer. */
int sweep_gone_locks(struct store *st, struct strv *paths, struct err *err);

/*
 * Is store/work/ID nobody's?  The source of a deploy goes with its row's end; one that was
 * killed then left it.  What has no row may belong to a command that makes its sources before
 * it asks for a turn: that is left after an hour.
 */
int sweep_work_is_left(struct store *st, const char *id, bool *left, struct err *err);

#endif
