/* SPDX-License-Identifier: MIT */
/*
 * One deploy per app at a time, by a lock that dies with its process (flock on
 * store/locks/APP-ID).  Whoever waits has a row in state waiting, so that everybody sees
 * the queue; a newer waiting push supersedes an older one.
 *
 * A davit that a hook of this deploy started inherits the locked descriptor and finds it by
 * DAVIT_DEPLOY_LOCK_FD: it belongs to the deploy and must not start another.
 */
#ifndef DAVIT_DEPLOY_LOCK_H
#define DAVIT_DEPLOY_LOCK_H

#include <stdbool.h>

#include "deploy/work.h"

/* Are we inside a deploy of this app: the process that runs it, or one of its hooks? */
bool lock_inherited(int64_t app_id);

/*
 * Wait for the app's lock with w->row in the queue.  0: held, w->row is running.
 * -1: superseded, cancelled, the app is locked by apps:lock, or a failure.
 */
int lock_take(struct work *w, struct err *err);
/* Without a place in the queue: 0, LOCK_BUSY or -1. */
enum { LOCK_BUSY = 1 };
int lock_try(int64_t app_id, int *fd, struct err *err);
void lock_drop(struct work *w);

/* For whoever waits with w in the queue: -1 when the client is gone, or a newer push of the
 * app waits (w->row is superseded then). */
int lock_check_waiting(struct work *w, struct err *err);
/* Does the process of this run still live? */
bool lock_is_alive(const struct deploy *d);
/* The file store/locks/NAME, open and not locked. */
int lock_open(const char *name, int *fd, struct err *err);

/*
 * Whoever changes where traffic goes and then says so in the store, or reads the store to
 * change it, does both under this one (held until *fd is closed, for a moment only).
 */
int lock_route(int64_t app_id, int *fd, struct err *err);

/* One watcher per app: 0, LOCK_BUSY or -1. */
int lock_watch(int64_t app_id, int *fd, struct err *err);

/* Held, beside others, by who drains instances of the app; and does anybody? */
int lock_retire(int64_t app_id, int *fd, struct err *err);
bool lock_is_retiring(int64_t app_id);

#endif
