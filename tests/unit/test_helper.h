/* SPDX-License-Identifier: MIT */
/*
 * tests/fakes/davit-root in the place of the helper, for one test program.  Include after
 * test_store.h, and call once test_dir is set.
 */
#ifndef DAVIT_TESTS_TEST_HELPER_H
#define DAVIT_TESTS_TEST_HELPER_H

#include <sys/stat.h>

#include "util/buf.h"
#include "util/cleanup.h"

static inline void test_helper_start(void)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_FREE char *dir = paths_in(test_dir, "libexec");
	AUTO_FREE char *path = paths_in(dir, "davit-root");
	AUTO_FREE char *davit = paths_in(dir, "davit");
	AUTO_FREE char *script = NULL;
	struct err err = { .kind = ERR_NONE };

	assert_int_equal(fs_mkdirs(dir, 0755, &err), 0);
	assert_int_equal(fs_read("tests/fakes/davit-root", 1 << 20, &text, &err), 0);
	assert_int_equal(fs_write_atomic(path, text.data, text.len, 0755, &err), 0);
	/* What is started in the background only writes down its words. */
	assert_true(asprintf(&script, "#!/bin/sh\necho \"$*\" >>%s/background\n", dir) >
		    0);
	assert_int_equal(fs_write_atomic(davit, script, strlen(script), 0755, &err), 0);
	assert_int_equal(setenv("DAVIT_LIBEXEC", dir, 1), 0);
}

/* Forget what was asked, and answer with these lines of "VERB JSON". */
static inline void test_helper_answers(const char *lines)
{
	AUTO_FREE char *asked = paths_in(test_dir, "libexec/requests");
	AUTO_FREE char *path = paths_in(test_dir, "libexec/answers");
	AUTO_FREE char *background = paths_in(test_dir, "libexec/background");
	struct err err = { .kind = ERR_NONE };

	(void)unlink(asked);
	(void)unlink(background);
	assert_int_equal(fs_write_atomic(path, lines, strlen(lines), 0644, &err), 0);
}

/* Append what was asked since then, one operation a line ("background": what was started
 * in the background). */
static inline void test_helper_asked(const char *file, struct buf *text)
{
	AUTO_FREE char *path = paths_in(test_dir, "libexec/%s", file);
	struct err err = { .kind = ERR_NONE };

	buf_reset(text);
	assert_true(fs_read(path, 1 << 20, text, &err) >= 0);
}

#endif
