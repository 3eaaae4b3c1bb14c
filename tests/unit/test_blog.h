/* SPDX-License-Identifier: MIT */
/*
 * A store with an app in it, made anew for each test:
 *
 *	cmocka_unit_test_setup_teardown(test, blog_start, blog_end)
 */
#ifndef DAVIT_TESTS_TEST_BLOG_H
#define DAVIT_TESTS_TEST_BLOG_H

#include "test_store.h"

static struct store st;
static struct app blog;
static struct err err;

static inline int blog_start(void **state)
{
	(void)state;
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	test_app(&st, "blog", &blog);
	return 0;
}

static inline int blog_end(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

#endif
