/* SPDX-License-Identifier: MIT */
/* A directory as a tar stream, the form in which davit-root takes trees. */
#ifndef DAVIT_UTIL_TREETAR_H
#define DAVIT_UTIL_TREETAR_H

#include <sys/types.h>

#include "util/err.h"

/*
 * Write a directory as a tar stream: names relative to it, owner 1000:1000, modes 0755 and
 * 0644 only, mtimes kept.  Files, directories and symlinks; anything else is an error.
 */
int treetar_write(const char *dir, int fd, struct err *err);

/* The same from a child of its own, so that another program can read meanwhile. */
struct treetar {
	pid_t pid;
	int fd;   /* where to read the stream */
	int said; /* where the child says what went wrong */
};

#define TREETAR_INIT                             \
	{                                        \
		.pid = -1, .fd = -1, .said = -1, \
	}

int treetar_start(struct treetar *t, const char *dir, struct err *err);
/* Wait for the child; -1 with its cause when it failed. */
int treetar_finish(struct treetar *t, struct err *err);
/* Ends a child that nobody waited for. */
void treetar_release(struct treetar *t);

#endif
