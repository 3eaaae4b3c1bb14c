/* SPDX-License-Identifier: MIT */
/*
 * The directories of davit, and names opened inside them.
 *
 * Everything root reads a path from is owned by root and closed to others for writing.
 * Paths are opened one step below a directory that is already open, never through a
 * symlink (openat2: beneath, no symlinks, no magic links).
 */
#ifndef DAVIT_ROOT_DIRS_H
#define DAVIT_ROOT_DIRS_H

#include <jansson.h>
#include <sys/types.h>

#include "util/err.h"

/* The user davit, or root where that user does not exist. */
uid_t dirs_davit_uid(void);
gid_t dirs_davit_gid(void);

/* Make every directory, and mend owner and mode of those that are there. */
int dirs_init(struct err *err);
/* The same unless it was done since boot: what each start of the helper does. */
int dirs_ensure(struct err *err);

/* Open a directory by absolute path without following a symlink on the way. */
int dirs_open(const char *path, int *fd, struct err *err);
/* Open what is at the relative path below `dirfd`, with flags as for open(2). */
int dirs_open_at(int dirfd, const char *path, int flags);
/* Make directory `name` in dirfd (fine if there), owned by uid 0, and open it. */
int dirs_make_at(int dirfd, const char *name, mode_t mode, int *fd, struct err *err);

/* Hold the lock of that name until the returned descriptor is closed. */
int dirs_lock(const char *name, int *fd, struct err *err);

int verb_init(const json_t *op, json_t *reply, struct err *err);

#endif
