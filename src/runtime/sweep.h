/* SPDX-License-Identifier: MIT */
/* Small files that nobody will come back for. */
#ifndef DAVIT_RUNTIME_SWEEP_H
#define DAVIT_RUNTIME_SWEEP_H

#include "store/app.h"
#include "util/strv.h"

/* Remove what killed writers left (NAME.new.PID) in the directories of the app, or (NULL)
 * of the host. */
void sweep_new_files(const char *app);

/* Paths of the locks of apps that the store does not know; nothing is removed.  -1: the
 * store does not answer. */
int sweep_gone_locks(struct store *st, struct strv *paths, struct err *err);

#endif
