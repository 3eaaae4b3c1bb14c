/* SPDX-License-Identifier: MIT */
/* A file of ours that a crash left is told from one that somebody has edited. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "plugins/views/views.h"
#include "test_blog.h"
#include "util/cleanup.h"

static struct views v = { .st = &st, .app = &blog };

static void note(const char *name, const char *text, const char *old)
{
	AUTO(buf_release) struct buf new = BUF_INIT;
	AUTO(buf_release) struct buf was = BUF_INIT;

	buf_adds(&new, text);
	buf_adds(&was, old);
	assert_int_equal(views_note(&v, name, &new, &was, &err), 0);
}

static bool is_noted(const char *name, const char *text)
{
	AUTO(buf_release) struct buf have = BUF_INIT;

	buf_adds(&have, text);
	return views_is_noted(&v, name, &have);
}

static void both_texts_of_an_interrupted_write_are_ours(void **state)
{
	(void)state;
	note("ENV", "A=2\n", "A=1\n");
	assert_true(is_noted("ENV", "A=2\n"));
	assert_true(is_noted("ENV", "A=1\n"));
}

static void what_somebody_else_wrote_is_not(void **state)
{
	(void)state;
	note("ENV", "A=2\n", "");
	assert_false(is_noted("ENV", "A=3\n"));
	assert_false(is_noted("VHOST", "A=2\n"));
	assert_true(is_noted("ENV", ""));
}

static void once_written_the_old_text_is_an_edit_again(void **state)
{
	(void)state;
	note("VHOST", "b.example.com\n", "a.example.com\n");
	assert_int_equal(views_forget_notes(&v, &err), 0);
	assert_false(is_noted("VHOST", "a.example.com\n"));
	assert_false(is_noted("VHOST", "b.example.com\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			both_texts_of_an_interrupted_write_are_ours, blog_start,
			blog_end),
		cmocka_unit_test_setup_teardown(what_somebody_else_wrote_is_not,
						blog_start, blog_end),
		cmocka_unit_test_setup_teardown(
			once_written_the_old_text_is_an_edit_again, blog_start, blog_end),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
