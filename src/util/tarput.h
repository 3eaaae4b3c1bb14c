/* SPDX-License-Identifier: MIT */
/*
 * Writing a tar stream: ustar headers, GNU long names, base 256 for what octal digits cannot
 * hold.  Bytes are gathered, so that a small file costs no write of its own.
 */
#ifndef DAVIT_UTIL_TARPUT_H
#define DAVIT_UTIL_TARPUT_H

#include <stdint.h>
#include <sys/types.h>

#include "util/buf.h"
#include "util/err.h"

struct tarput {
	int fd;
	struct buf ready;
};

#define TARPUT_INIT(fd_)                        \
	{                                       \
		.fd = (fd_), .ready = BUF_INIT, \
	}

struct tarput_item {
	const char *name;
	const char *link; /* target of a link ('1' hard, '2' symbolic), or NULL */
	char type;        /* '0' file, '1', '2', '5' directory */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t size;
	int64_t mtime;
};

void tarput_release(struct tarput *t);
/* The header.  A file's contents follow: tarput_file. */
int tarput_item(struct tarput *t, const struct tarput_item *i, struct err *err);
/* The `size` bytes of an open file, and their padding; a shorter file is an error. */
int tarput_file(struct tarput *t, int from, int64_t size, struct err *err);
/* The end of the archive; everything is written then. */
int tarput_end(struct tarput *t, struct err *err);

#endif
