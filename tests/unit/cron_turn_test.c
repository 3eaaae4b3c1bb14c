/* SPDX-License-Identifier: MIT */
/* Whose minute a task of the clock is, and what plugins ask for. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <time.h>

#include "plugins/cron/cron.h"
#include "store/property.h"
#include "test_store.h"
#include "util/cleanup.h"
#include "util/strv.h"

static struct store st;
static struct err err;

static int fresh(void **state)
{
	(void)state;
	test_store_open(&st);
	return 0;
}

static int done(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

static void a_minute_is_taken_once(void **state)
{
	(void)state;
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 1000, &err), 0);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 1000, &err), CRON_TAKEN);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 999, &err), CRON_TAKEN);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "b", 1000, &err), 0);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 1001, &err), 0);
}

static void a_clock_that_was_set_back_starts_again(void **state)
{
	(void)state;
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 9000, &err), 0);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 9000 - CRON_CATCH_UP, &err),
			 CRON_TAKEN);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 5000, &err), 0);
	assert_int_equal(cron_take(&st, STORE_GLOBAL, "a", 5000, &err), CRON_TAKEN);
}

static void the_last_minute_that_is_due_counts(void **state)
{
	struct schedule when;

	(void)state;
	assert_int_equal(schedule_parse("*/5 * * * *", &when, &err), 0);
	assert_int_equal(cron_due(&when, &(struct cron_span){ 100, 114 }), 110);
	assert_int_equal(cron_due(&when, &(struct cron_span){ 110, 110 }), 110);
	assert_int_equal(cron_due(&when, &(struct cron_span){ 111, 114 }), -1);
}

static void entries_have_ids_and_lines(void **state)
{
	AUTO(cron_entries_release) struct cron_entries list = CRON_ENTRIES_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;

	(void)state;
	strv_add(&lines, "@daily;/bin/true");
	strv_add(&lines, "5 4 * * *;/bin/renew \\%d %d;/var/log/renew.log");
	strv_add(&lines, "never;/bin/false");
	assert_int_equal(
		property_list_set(&st, STORE_GLOBAL, "crontab", "entries", &lines, &err),
		0);
	assert_int_equal(cron_entries(&st, &list, &err), 0);
	assert_int_equal(list.len, 2);
	assert_string_equal(list.v[0].id, "5cruaotm4yzzpnjlsdunblj8qyjp");
	assert_string_equal(list.v[0].line, "/bin/true");
	assert_string_equal(list.v[1].schedule, "5 4 * * *");
	assert_string_equal(list.v[1].line, "/bin/renew %d %d &>> /var/log/renew.log");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_minute_is_taken_once, fresh, done),
		cmocka_unit_test_setup_teardown(a_clock_that_was_set_back_starts_again,
						fresh, done),
		cmocka_unit_test_setup_teardown(the_last_minute_that_is_due_counts, fresh,
						done),
		cmocka_unit_test_setup_teardown(entries_have_ids_and_lines, fresh, done),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
