/* SPDX-License-Identifier: MIT */
/*
 * The root file system of a container: its layers with shifted ids, below an overlay
 * whose writable layer is of bounded size.
 */
#ifndef DAVIT_ROOT_ROOTFS_H
#define DAVIT_ROOT_ROOTFS_H

#include <stdint.h>

#include "util/err.h"
#include "util/strv.h"

struct rootfs {
	int mount_fd; /* the overlay, detached */
	int upper_fd; /* the directory that receives what the container writes */
};

struct rootfs_plan {
	const struct strv *layers; /* uppermost first */
	int64_t disk;              /* size of the writable layer */
	unsigned base;             /* of the range that user_fd maps to */
	int user_fd;
};

/* The descriptors are the caller's on success. */
int rootfs_make(const struct rootfs_plan *plan, struct rootfs *out, struct err *err);
void rootfs_release(struct rootfs *r);

/* Attach a detached mount to the existing directory or file at `path`. */
int rootfs_attach(int mount_fd, const char *path, struct err *err);

#endif
