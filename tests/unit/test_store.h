/* SPDX-License-Identifier: MIT */
/*
 * A store of its own for one test program, in a directory below /tmp.  Include after
 * cmocka.h.
 *
 *	struct store st = STORE_INIT;
 *	test_store_open(&st);
 *	test_app(&st, "blog", &app);
 */
#ifndef DAVIT_TESTS_TEST_STORE_H
#define DAVIT_TESTS_TEST_STORE_H

#include <stdlib.h>
#include <string.h>

#include "store/app.h"
#include "store/store.h"
#include "util/fs.h"
#include "util/paths.h"

static char test_dir[64];

static inline void test_store_open(struct store *st)
{
	struct err err = { .kind = ERR_NONE };
	char path[128];

	if (!test_dir[0]) {
		(void)snprintf(test_dir, sizeof test_dir, "/tmp/davit-unit.XXXXXX");
		assert_non_null(mkdtemp(test_dir));
		assert_int_equal(setenv("DAVIT_ROOT", test_dir, 1), 0);
		assert_int_equal(setenv("DAVIT_LOG", test_dir, 1), 0);
	}
	(void)snprintf(path, sizeof path, "%s/store", test_dir);
	assert_int_equal(fs_remove_tree(path, &err), 0);
	assert_int_equal(fs_mkdirs(path, 0700, &err), 0);
	assert_int_equal(store_open(st, true, &err), 0);
}

static inline void test_app(struct store *st, const char *name, struct app *app)
{
	struct err err = { .kind = ERR_NONE };

	assert_int_equal(app_create(st, name, app, &err), 0);
}

/* For cmocka's group teardown. */
static inline int test_store_remove(void **state)
{
	struct err err = { .kind = ERR_NONE };

	(void)state;
	return test_dir[0] ? fs_remove_tree(test_dir, &err) : 0;
}

#endif
