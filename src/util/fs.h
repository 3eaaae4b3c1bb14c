/* SPDX-License-Identifier: MIT */
/*
 * Files.  Every descriptor opened here is close-on-exec.  Paths are absolute or
 * relative to `dirfd` where one is taken (AT_FDCWD otherwise).
 */
#ifndef DAVIT_UTIL_FS_H
#define DAVIT_UTIL_FS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/buf.h"
#include "util/err.h"

/* No such file: an outcome of fs_read, not a failure. */
enum { FS_ABSENT = 1 };

/* Append a whole regular file of at most `max` bytes; a larger one is an error. */
int fs_read(const char *path, size_t max, struct buf *out, struct err *err);
/*
 * A regular file named from inside a tree that others made: never leaves `dir`, not by
 * "..", not by a symlink.  Also FS_ABSENT.
 */
int fs_read_beneath(const char *dir, const char *name, size_t max, struct buf *out,
		    struct err *err);
/* The same from an open descriptor, from where it stands to its end. */
int fs_read_fd(int fd, size_t max, struct buf *out, struct err *err);

/*
 * Replace `path` by these bytes so that another program sees the old file or the new
 * one, and so that a power cut leaves one of them: temporary beside it, final mode
 * before the first byte, fsync, rename, fsync of the directory.
 */
int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
		    struct err *err);

/* Write all bytes, retrying short writes and EINTR.  0, or -1 with errno. */
int fs_write_all(int fd, const void *data, size_t len);

/* mkdir -p: missing parents get `mode` too; an existing directory is fine. */
int fs_mkdirs(const char *path, mode_t mode, struct err *err);

/* The process that writes NAME.new.PID and will rename it to NAME; 0: no such name. */
pid_t fs_writer_of(const char *name);
/* Is this such a name, and its writer gone? */
bool fs_is_left(const char *name);
/* Remove what writers that are gone left beside the files of a directory. */
void fs_sweep_new(const char *dir);

/*
 * Remove a tree, never following a symlink and never leaving its file system.
 * A missing tree is fine.
 */
int fs_remove_tree(const char *path, struct err *err);
int fs_remove_tree_at(int dirfd, const char *name, struct err *err);

/* Is there room below `path` for another file?  -1 names the disk that is full, or that has no
 * inodes left; where that cannot be told there is. */
int fs_check_room(const char *path, struct err *err);

bool fs_exists(const char *path); /* follows symlinks */
bool fs_is_dir(const char *path);
/* fsync a directory so that a rename in it survives a power cut. */
int fs_sync_dir(const char *path, struct err *err);

#endif
