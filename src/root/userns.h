/* SPDX-License-Identifier: MIT */
/*
 * User namespaces of an app's range, mounts seen through them, and work done as them.
 *
 * On disk, trees of apps carry the ids 0..65535 that the container sees; an idmapped
 * mount shifts them to the range.  What has to be done inside such a tree is done by a
 * child that is root of the range, has that tree as its root directory and nothing else.
 */
#ifndef DAVIT_ROOT_USERNS_H
#define DAVIT_ROOT_USERNS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/* A user namespace that maps 0..65535 to base…; with net_fd also a network namespace
 * that it owns.  Both live as long as their descriptors. */
int userns_open(unsigned base, int *user_fd, int *net_fd, struct err *err);
/* The same for the range of an app. */
int userns_open_app(const char *app, int *user_fd, struct err *err);

/* A detached mount of the directory open at `fd`, ids shifted by the namespace, without
 * devices and setuid programs. */
int userns_idmap(int fd, int user_fd, bool readonly, int *mount_fd, struct err *err);

enum { USERNS_KEEP_MAX = 4 };

/* What the child is to do.  It may return a number in *value. */
struct userns_job {
	int user_fd;
	int root_fd;               /* becomes "/" and the working directory */
	int keep[USERNS_KEEP_MAX]; /* descriptors the child needs besides; 0 = none */
	int (*work)(void *ctx, int64_t *value, struct err *err);
	void *ctx;
};

/* Run the job and wait.  Its error comes back in *err; value may be NULL.  A child that
 * was killed is an error.  The child dies with us, or when the reply's reader is gone. */
int userns_run(const struct userns_job *job, int64_t *value, struct err *err);

#endif
