/* SPDX-License-Identifier: MIT */
/*
 * A tar stream written as a tree below the working directory.
 *
 * Runs in a child of userns_run whose root directory is the tree.  Refused, as the whole
 * archive: "..", absolute names, a name that goes through a symlink, devices and fifos.
 * Device entries below dev/ are left out: every container has its own /dev.  setuid and
 * setgid bits are taken off.
 */
#ifndef DAVIT_ROOT_EXTRACT_H
#define DAVIT_ROOT_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

struct extract {
	int fd;             /* the stream */
	const char *prefix; /* relative directory that everything goes below, or "" */
	long uid;           /* owner of everything, or -1: as the archive says */
	bool deletions;     /* .wh.NAME and .wh..wh..opq are what pack.h says */
	bool web; /* modes 0644 and 0755 only, no symlink that leaves the tree */
	int64_t max_bytes;
	int64_t max_entries;
};

/* A `work` of userns_run; ctx is a struct extract; *value = bytes of file contents. */
int extract_tree(void *ctx, int64_t *value, struct err *err);

/*
 * Make a name of an archive relative and normal in *out: "./a//b/" becomes "a/b", "."
 * becomes "".  -1 for an absolute name or "..".
 */
int extract_name(const char *name, struct buf *out, struct err *err);
/* Does a symlink `depth` directories below the top stay inside, wherever its own parts
 * lead?  Only leading ".." are allowed, no more than there are directories. */
bool extract_link_stays(const char *target, int depth);

#endif
