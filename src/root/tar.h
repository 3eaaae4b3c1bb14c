/* SPDX-License-Identifier: MIT */
/*
 * Reading a tar stream: ustar, GNU long names, pax paths and sizes.
 *
 * tar_next gives the next entry, whose strings live until the call after it; what was not
 * read of the entry before is skipped.  Sparse files and unknown kinds are errors.
 */
#ifndef DAVIT_ROOT_TAR_H
#define DAVIT_ROOT_TAR_H

#include <stdint.h>
#include <sys/types.h>

#include "util/buf.h"
#include "util/err.h"

enum tar_type { TAR_FILE, TAR_LINK, TAR_SYMLINK, TAR_DIR, TAR_DEVICE };
enum { TAR_END = 1 };

struct tar_entry {
	enum tar_type type;
	const char *path;
	const char *target; /* of a link */
	int64_t size;
	mode_t mode; /* permission bits, setuid and so on included */
	int64_t uid;
	int64_t gid;
	int64_t mtime;
};

struct tar {
	int fd;
	uint64_t left; /* of the entry's data, and its padding */
	uint64_t pad;
	struct buf path;
	struct buf target;
	struct buf pax;
	struct buf window; /* read from fd, not yet used */
	size_t at;
};

void tar_init(struct tar *t, int fd);
void tar_release(struct tar *t);
/* 0, TAR_END at the end of the archive, or -1. */
int tar_next(struct tar *t, struct tar_entry *e, struct err *err);
/* At most `max` bytes of the entry's data without copying them; 0 at its end. */
ssize_t tar_data(struct tar *t, const char **data, size_t max, struct err *err);

#endif
