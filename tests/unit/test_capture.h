/* SPDX-License-Identifier: MIT */
/* What a test's own process says on stdout and stderr.  Include after cmocka.h. */
#ifndef DAVIT_TESTS_TEST_CAPTURE_H
#define DAVIT_TESTS_TEST_CAPTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/fs.h"

struct capture {
	int kept[3];
	int file[3];
	struct buf out;
	struct buf err;
};

static inline void capture_start(struct capture *c)
{
	*c = (struct capture){ .out = BUF_INIT, .err = BUF_INIT };
	(void)fflush(NULL);
	for (int fd = 1; fd <= 2; fd++) {
		c->file[fd] = memfd_create("said", MFD_CLOEXEC);
		c->kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		(void)dup2(c->file[fd], fd);
	}
}

static inline void capture_end(struct capture *c)
{
	struct err ignored;

	(void)fflush(NULL);
	for (int fd = 1; fd <= 2; fd++) {
		struct buf *to = fd == 1 ? &c->out : &c->err;

		(void)dup2(c->kept[fd], fd);
		(void)close(c->kept[fd]);
		(void)lseek(c->file[fd], 0, SEEK_SET);
		assert_int_equal(fs_read_fd(c->file[fd], 1 << 20, to, &ignored), 0);
		(void)close(c->file[fd]);
	}
}

static inline void capture_release(struct capture *c)
{
	buf_release(&c->out);
	buf_release(&c->err);
}

#endif
