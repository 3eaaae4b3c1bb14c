/* SPDX-License-Identifier: MIT */
/*
 * How many builds run side by side on this host (builds:set --global parallel N; the number
 * of cores where nothing is set).  A build holds one of N slots, each a lock that dies with its
 * process, from before its source is unpacked to its end.  Builds that wait for one take
 * turns in the order in which they came.  What builds nothing (a change of config or scale, a
 * rollback) waits for nobody else's build.
 */
#ifndef DAVIT_DEPLOY_SLOT_H
#define DAVIT_DEPLOY_SLOT_H

#include "deploy/work.h"

/* Does this run build, so that it needs a slot? */
bool slot_needed(const struct work *w);
/* 0: w->slot_fd is ours.  LOCK_BUSY: others run, or wait for their turn. */
int slot_try(struct work *w, struct err *err);
/* Wait for it, the app's lock not being held: what builds nothing may go on meanwhile.
 * -1: cancelled, superseded, or a failure. */
int slot_wait(struct work *w, struct err *err);
/* Does this row wait for a slot? */
bool slot_is_waited_for(const struct deploy *d);
void slot_drop(struct work *w);

#endif
