/* SPDX-License-Identifier: MIT */
/*
 * A growing string of bytes.  `data` is always NUL-terminated once anything was added,
 * and never NULL after buf_init or BUF_INIT; `len` excludes that NUL.
 * buf_release() frees the contents and leaves an empty buf that can be used again.
 */
#ifndef DAVIT_UTIL_BUF_H
#define DAVIT_UTIL_BUF_H

#include <stddef.h>
#include <sys/types.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

extern char buf_empty[1];
#define BUF_INIT                  \
	{                         \
		.data = buf_empty \
	}

void buf_init(struct buf *b);
void buf_release(struct buf *b);
void buf_reset(struct buf *b); /* empty, keeping the memory */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Cut to `len` bytes, which must not be more than there are. */
void buf_cut(struct buf *b, size_t len);
/* Drop trailing newlines. */
void buf_chomp(struct buf *b);
/* Hand the string over to the caller, who frees it; the buf is empty afterwards. */
char *buf_take(struct buf *b);
/* Append one read(2) of at most `max` bytes.  Returns as read does, retried on EINTR. */
ssize_t buf_read(struct buf *b, int fd, size_t max);

#endif
