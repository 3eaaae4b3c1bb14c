/* SPDX-License-Identifier: MIT */
/*
 * The writable layer of a container: an ext4 file system of fixed size in a sparse file
 * without a name, attached by a loop device.  All of it is gone when the last mount is.
 */
#ifndef DAVIT_ROOT_SCRATCH_H
#define DAVIT_ROOT_SCRATCH_H

#include <stdint.h>

#include "util/err.h"

/*
 * A detached mount that holds the directories "upper", owned by `owner`, and "work".  Its
 * ids are those of the host: the overlay works in it as root, whom no range has.
 */
int scratch_make(int64_t bytes, unsigned owner, int *mount_fd, struct err *err);

#endif
