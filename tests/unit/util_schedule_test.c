/* SPDX-License-Identifier: MIT */
/* When cron lines are due. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "util/schedule.h"

static bool due(const char *text, int minute, int hour, int day, int month, int weekday)
{
	struct tm at = { .tm_min = minute,
			 .tm_hour = hour,
			 .tm_mday = day,
			 .tm_mon = month - 1,
			 .tm_wday = weekday };
	struct schedule s;
	struct err err;

	assert_int_equal(schedule_parse(text, &s, &err), 0);
	return schedule_is_due(&s, &at);
}

static void a_line_is_due_at_its_minutes_only(void **state)
{
	(void)state;
	assert_true(due("5 4 * * *", 5, 4, 1, 1, 0));
	assert_false(due("5 4 * * *", 6, 4, 1, 1, 0));
	assert_false(due("5 4 * * *", 5, 5, 1, 1, 0));
	assert_true(due("*/15 * * * *", 45, 9, 1, 1, 0));
	assert_false(due("*/15 * * * *", 46, 9, 1, 1, 0));
	assert_true(due("10-20/5,59 * * * *", 15, 9, 1, 1, 0));
	assert_true(due("10-20/5,59 * * * *", 59, 9, 1, 1, 0));
	assert_false(due("10-20/5,59 * * * *", 25, 9, 1, 1, 0));
	assert_true(due("0 0 * feb MON", 0, 0, 9, 2, 1));
	assert_false(due("0 0 * feb MON", 0, 0, 9, 3, 1));
	assert_true(due("0 0 * * 7", 0, 0, 9, 2, 0));
	assert_true(due("@daily", 0, 0, 9, 2, 0));
	assert_false(due("@hourly", 1, 0, 9, 2, 0));
}

static void a_day_and_a_weekday_are_either_of_them(void **state)
{
	(void)state;
	assert_true(due("0 0 13 * 5", 0, 0, 13, 2, 1));
	assert_true(due("0 0 13 * 5", 0, 0, 12, 2, 5));
	assert_false(due("0 0 13 * 5", 0, 0, 12, 2, 1));
	assert_false(due("0 0 13 * *", 0, 0, 12, 2, 5));
}

static void what_is_no_schedule_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"* * * *",
		"0 5 * * * *",
		"@nonstandard",
		"60 * * * *",
		"-1 * * * *",
		"5-1 * * * *",
		"*/0 * * * *",
		"1,, * * * *",
		"a * * * *",
		"* 24 * * *",
		"* * 0 * *",
		"* * * 13 *",
		"* * * * 8",
		"1- * * * *",
		"*/60 * * * *",
	};
	struct schedule s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (schedule_parse(bad[i], &s, &err) == 0)
			fail_msg("accepted: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_due_at_its_minutes_only),
		cmocka_unit_test(a_day_and_a_weekday_are_either_of_them),
		cmocka_unit_test(what_is_no_schedule_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
