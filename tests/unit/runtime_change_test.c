/* SPDX-License-Identifier: MIT */
/* Marks of commands that are at work, and of those that died at it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/change.h"
#include "test_store.h"
#include "util/cleanup.h"

static struct store st = STORE_INIT;
static struct err err;

static int start(void **state)
{
	(void)state;
	test_store_open(&st);
	return 0;
}

/* A command of app 7 that dies at it. */
static void die_at_it(int64_t app_id)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)change_begin(app_id);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int64_t seen[8];
static size_t seen_count;
static int answer;

static int note(void *ctx, int64_t app_id, struct err *e)
{
	(void)ctx;
	(void)e;
	seen[seen_count++] = app_id;
	return answer;
}

static size_t look(int says)
{
	seen_count = 0;
	answer = says;
	assert_int_equal(change_each_dead(note, NULL, &err), says < 0 ? -1 : 0);
	return seen_count;
}

static void test_the_living_are_left_alone(void **state)
{
	AUTO_FREE char *mark = change_begin(5);

	(void)state;
	assert_non_null(mark);
	assert_int_equal(look(0), 0);
	assert_true(fs_exists(mark));
	change_end(mark);
	assert_false(fs_exists(mark));
	change_end(NULL);
}

static void test_the_dead_are_mended_once(void **state)
{
	(void)state;
	die_at_it(7);
	assert_int_equal(look(-1), 1);
	assert_int_equal(look(CHANGE_LEFT), 1);
	assert_int_equal(look(0), 1);
	assert_int_equal(seen[0], 7);
	assert_int_equal(look(0), 0);
}

/* The same number, another process. */
static void test_a_pid_that_was_given_again_is_not_it(void **state)
{
	AUTO_FREE char *mark = change_begin(9);

	(void)state;
	assert_int_equal(fs_write_atomic(mark, "1\n", 2, 0600, &err), 0);
	assert_int_equal(look(0), 1);
	assert_int_equal(seen[0], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_living_are_left_alone),
		cmocka_unit_test(test_the_dead_are_mended_once),
		cmocka_unit_test(test_a_pid_that_was_given_again_is_not_it),
	};

	return cmocka_run_group_tests(tests, start, test_store_remove);
}
