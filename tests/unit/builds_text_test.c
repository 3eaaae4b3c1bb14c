/* SPDX-License-Identifier: MIT */
/* How deploys are told. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "plugins/builds/builds.h"

static void durations_are_hours_minutes_seconds(void **state)
{
	char text[BUILDS_DURATION];

	(void)state;
	assert_string_equal(builds_duration_text(-3, text), "0s");
	assert_string_equal(builds_duration_text(59, text), "59s");
	assert_string_equal(builds_duration_text(74, text), "1m14s");
	assert_string_equal(builds_duration_text(3600, text), "1h0m0s");
	assert_string_equal(builds_duration_text(93784, text), "26h3m4s");
}

static void sources_have_the_names_of_commands(void **state)
{
	(void)state;
	assert_string_equal(builds_source(&(struct deploy){ .source = "git-push" }),
			    "git-hook");
	assert_string_equal(builds_source(&(struct deploy){ .source = "ps-rebuild" }),
			    "ps:rebuild");
	assert_string_equal(builds_source(&(struct deploy){ .source = "git-sync" }),
			    "git:sync");
	assert_string_equal(builds_source(&(struct deploy){ .source = "rollback" }),
			    "rollback");
}

static void a_run_without_a_process_is_abandoned(void **state)
{
	struct deploy d = { .state = "running", .pid = 999999999, .pid_started = 7 };

	(void)state;
	assert_string_equal(builds_status(&d), "abandoned");
	d.finished_at = 8;
	assert_string_equal(builds_status(&d), "running");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_hours_minutes_seconds),
		cmocka_unit_test(sources_have_the_names_of_commands),
		cmocka_unit_test(a_run_without_a_process_is_abandoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
