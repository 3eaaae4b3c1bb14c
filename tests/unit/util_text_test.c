/* SPDX-License-Identifier: MIT */
/* Errors, buffers, lists, names, time: the small things that everything leans on. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/base64.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/name.h"
#include "util/strv.h"

static void an_error_names_what_the_system_said(void **state)
{
	struct err err = { .hint = "of another failure" };

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_sys(&err, "open %s", "/x"), -1);
	assert_string_equal(err.text, "open /x: No such file or directory");
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(err.kind, ERR_HOST);
	assert_string_equal(err.hint, "");
}

static void context_stands_before_the_cause(void **state)
{
	struct err err;

	(void)state;
	(void)err_set(&err, ERR_APP, "cause");
	(void)err_hint(&err, "do this");
	(void)err_hint(&err, "not that");
	assert_int_equal(err_context(&err, "inner %d", 1), -1);
	(void)err_context(&err, "outer");
	assert_string_equal(err.text, "outer: inner 1: cause");
	assert_string_equal(err.hint, "do this");
	assert_int_equal(err.kind, ERR_APP);
}

static void an_error_longer_than_its_room_is_cut(void **state)
{
	struct err err;
	char longer[3000];

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	(void)err_set(&err, ERR_APP, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	(void)err_context(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	errno = EIO;
	(void)err_sys(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	(void)err_hint(&err, "%s", longer);
	assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
}

static void every_kind_has_its_exit_status(void **state)
{
	static const struct {
		enum err_kind kind;
		int status;
	} rows[] = {
		{ ERR_NONE, 0 },    { ERR_USAGE, 1 }, { ERR_FLAG, 2 }, { ERR_REFUSED, 1 },
		{ ERR_NO_APP, 20 }, { ERR_APP, 1 },   { ERR_HOST, 1 }, { ERR_BUG, 70 },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		(void)err_set(&err, rows[i].kind, "x");
		assert_int_equal(err_exit_status(&err), rows[i].status);
	}
	(void)err_exit(&err, 42);
	assert_int_equal(err_exit_status(&err), 42);
	assert_string_equal(err.text, "");
}

static void a_buf_grows_and_keeps_its_end(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(b.data, "");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	assert_int_equal(b.len, strlen(b.data));
	assert_memory_equal(b.data, "0,1,2,", 6);
	buf_cut(&b, 3);
	assert_string_equal(b.data, "0,1");
	buf_adds(&b, "\n\n");
	buf_chomp(&b);
	assert_string_equal(b.data, "0,1");
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 6);
	buf_reset(&b);
	assert_string_equal(b.data, "");
}

static void a_taken_string_is_the_callers(void **state)
{
	struct buf b = BUF_INIT;
	struct buf zeroed = { .data = NULL };
	char *text;

	(void)state;
	text = buf_take(&b);
	assert_string_equal(text, "");
	free(text);
	buf_addc(&b, 'x');
	text = buf_take(&b);
	assert_string_equal(text, "x");
	assert_int_equal(b.len, 0);
	free(text);
	buf_reset(&zeroed);
	assert_string_equal(zeroed.data, "");
	buf_release(&b);
}

static void a_list_stays_terminated(void **state)
{
	AUTO(strv_release) struct strv s = STRV_INIT;
	AUTO_FREE char *joined = NULL;

	(void)state;
	assert_null(s.v[0]);
	strv_split(&s, ",,b,,a,c,", ",");
	assert_int_equal(s.len, 3);
	strv_insert(&s, 0, "first");
	strv_insert(&s, 4, "last");
	assert_null(s.v[5]);
	strv_remove(&s, 1);
	strv_sort(&s);
	joined = strv_join(&s, " ");
	assert_string_equal(joined, "a c first last");
	assert_int_equal(strv_find(&s, "first"), 2);
	assert_int_equal(strv_find(&s, "fir"), -1);
	assert_null(s.v[s.len]);
}

static void app_names_follow_their_grammar(void **state)
{
	static const char *const good[] = { "a",      "0",        "blog",
					    "my-app", "a.b-c.d2", "node-js-app" };
	static const char *const bad[] = { "",     "-a",   "a-",   ".a",  "a.",
					   "a..b", "a.-b", "a-.b", "A",   "a_b",
					   "a b",  "a/b",  "../a", "a\n", "\xc3\xa9" };
	char longest[65];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!name_is_app(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (name_is_app(bad[i]))
			fail_msg("'%s' was accepted", bad[i]);
	memset(longest, 'a', 64);
	longest[63] = '\0';
	assert_true(name_is_app(longest));
	longest[63] = 'a';
	longest[64] = '\0';
	assert_false(name_is_app(longest));
}

static void other_names_follow_theirs(void **state)
{
	(void)state;
	assert_true(name_is_process("web_2-X"));
	assert_false(name_is_process(""));
	assert_false(name_is_process("a.b"));
	assert_true(name_is_env("_A1"));
	assert_false(name_is_env("1A"));
	assert_false(name_is_env("A-B"));
	assert_false(name_is_env(""));
	assert_true(name_is_id("blog.web.1.42"));
	assert_false(name_is_id("a..b"));
	assert_false(name_is_id(".a"));
	assert_false(name_is_id("a/b"));
	assert_true(name_is_domain("*.example.com"));
	assert_false(name_is_domain("*"));
	assert_false(name_is_domain("*.*.com"));
	assert_false(name_is_domain("Example.com"));
	assert_false(name_is_domain("a b.com"));
	assert_false(name_is_domain("a;b.com"));
}

static void numbers_are_whole_and_within_their_bounds(void **state)
{
	long n = 7;

	(void)state;
	assert_true(name_to_int("10", 1, 10, &n));
	assert_int_equal(n, 10);
	assert_true(name_to_int("-3", -5, 0, &n));
	assert_int_equal(n, -3);
	assert_false(name_to_int("11", 1, 10, &n));
	assert_false(name_to_int("", 0, 10, &n));
	assert_false(name_to_int(" 1", 0, 10, &n));
	assert_false(name_to_int("+1", 0, 10, &n));
	assert_false(name_to_int("1x", 0, 10, &n));
	assert_false(name_to_int("0x1", 0, 10, &n));
	assert_false(name_to_int("99999999999999999999", 0, 10, &n));
	assert_int_equal(n, -3);
}

static void time_is_told_as_text(void **state)
{
	char text[CLOCK_TEXT];

	(void)state;
	assert_string_equal(clock_text(0, text), "1970-01-01T00:00:00Z");
	assert_string_equal(clock_text(1795410000, text), "2026-11-23T05:00:00Z");
	assert_string_equal(clock_text(INT64_MAX, text), "");
	assert_true(clock_boot() <= clock_now());
}

static void sleeping_takes_its_time(void **state)
{
	int64_t before = clock_ms();

	(void)state;
	clock_sleep_ms(20);
	assert_true(clock_ms() - before >= 20);
}

static void base64_is_decoded_or_refused_whole(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	assert_true(base64_decode("aGVsbG8=", &b));
	assert_string_equal(b.data, "hello");
	assert_false(base64_decode("aGV*", &b));
	assert_string_equal(b.data, "hello");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_names_what_the_system_said),
		cmocka_unit_test(context_stands_before_the_cause),
		cmocka_unit_test(an_error_longer_than_its_room_is_cut),
		cmocka_unit_test(every_kind_has_its_exit_status),
		cmocka_unit_test(a_buf_grows_and_keeps_its_end),
		cmocka_unit_test(a_taken_string_is_the_callers),
		cmocka_unit_test(a_list_stays_terminated),
		cmocka_unit_test(app_names_follow_their_grammar),
		cmocka_unit_test(other_names_follow_theirs),
		cmocka_unit_test(numbers_are_whole_and_within_their_bounds),
		cmocka_unit_test(time_is_told_as_text),
		cmocka_unit_test(sleeping_takes_its_time),
		cmocka_unit_test(base64_is_decoded_or_refused_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
