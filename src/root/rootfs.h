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

/* Both descriptors start as -1 and are the caller's on success. */
int rootfs_make(const struct strv *layers, int64_t disk, int user_fd, struct rootfs *out,
		struct err *err);
void rootfs_release(struct rootfs *r);

/* Attach a detached mount to the existing directory or file at `path`. */
int rootfs_attach(int mount_fd, const char *path, struct err *err);

#endif
