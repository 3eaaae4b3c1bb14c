/* SPDX-License-Identifier: MIT */
/*
 * Whole trees: copy, measure, remove.  Meant for children of userns_run, and safe
 * against the tree itself: no symlink is followed, no other file system entered.
 */
#ifndef DAVIT_ROOT_TREE_H
#define DAVIT_ROOT_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/* The mark of a directory that hides what the layers below have there. */
#define TREE_OPAQUE "user.overlay.opaque"

struct tree_copy {
	int from; /* an open directory: the writable layer of a container */
	/* Only what is below this relative path, its parents kept; "" for all. */
	const char *only;
	/* Relative paths that the mounts of the container made, left out while empty. */
	const char *const *skip;
	/* Drop opaque marks.  The kernel marks every new directory so, also where nothing
	 * is below it; a toolchain would then hide what another one has there. */
	bool mergeable;
};

/*
 * A `work` of userns_run with ctx a struct tree_copy: copy into the working directory.
 * Overlay whiteouts and (unless `mergeable`) opaque marks are kept, setuid bits and other devices are not.
 * Hard links become links again.  *value = bytes.
 */
int tree_copy(void *ctx, int64_t *value, struct err *err);

/* A `work`: remove everything below the working directory; ctx is unused. */
int tree_empty(void *ctx, int64_t *value, struct err *err);

/* Bytes that the tree at `name` in dirfd takes on disk. */
int64_t tree_bytes(int dirfd, const char *name);

#endif
