/* SPDX-License-Identifier: MIT */
/* Names of toolchains come out of build containers: only those of our recipes count. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "runtime/stack.h"

static void recipes_and_versions_are_known(void **state)
{
	(void)state;
	assert_true(stack_knows("python3"));
	assert_true(stack_knows("build-essential"));
	assert_true(stack_knows("node-22"));
	assert_true(stack_knows("node-20.11.1"));
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "node",
					   "node-",
					   "node-22/../x",
					   "node-latest",
					   "node-1234567890.1234567",
					   "python3 git",
					   "python4",
					   "build",
					   "-stack",
					   "node-22;id" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (stack_knows(bad[i]))
			fail_msg("accepted: \"%s\"", bad[i]);
}

static void versions_of_one_thing_replace_each_other(void **state)
{
	(void)state;
	assert_true(stack_same_kind("node-22", "node-20.11.1"));
	assert_true(stack_same_kind("git", "git"));
	assert_false(stack_same_kind("python3", "node-22"));
	assert_false(stack_same_kind("python3", "uv"));
	assert_false(stack_same_kind("nothing", "nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipes_and_versions_are_known),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(versions_of_one_thing_replace_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
