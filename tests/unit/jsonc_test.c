/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "util/jsonc.h"

#include <string.h>

#include "util/base64.h"
#include "util/cleanup.h"

static void same(const char *text, const char *plain)
{
	struct err err = { .kind = ERR_NONE };
	AUTO(json_at) json_t *have = NULL;
	AUTO(json_at) json_t *want = json_loads(plain, JSON_DECODE_ANY, NULL);

	assert_non_null(want);
	assert_int_equal(jsonc_parse(text, strlen(text), &have, &err), 0);
	assert_true(json_equal(have, want));
}

static void refused(const char *text, const char *why)
{
	struct err err = { .kind = ERR_NONE };
	json_t *have = NULL;

	assert_int_equal(jsonc_parse(text, strlen(text), &have, &err), -1);
	assert_non_null(strstr(err.text, why));
}

static void plain_json_is_itself(void **state)
{
	(void)state;
	same("{\"a\": [1, 2.5, null, true, \"x\"]}", "{\"a\":[1,2.5,null,true,\"x\"]}");
}

static void comments_are_skipped(void **state)
{
	(void)state;
	same("// head\n{ /* in */ \"a\": 1 // tail\n}", "{\"a\":1}");
	same("{\"a\": /* * / ** */ 1}", "{\"a\":1}");
}

static void what_looks_like_a_comment_in_a_string_stays(void **state)
{
	(void)state;
	same("{\"u\": \"http://x/*y*/\", \"q\": \"a\\\"//b\"}",
	     "{\"u\":\"http://x/*y*/\",\"q\":\"a\\\"//b\"}");
}

static void a_comma_before_a_bracket_is_dropped(void **state)
{
	(void)state;
	same("{\"a\": [1, 2, ], \"b\": {\"c\": 3,}, // last\n}",
	     "{\"a\":[1,2],\"b\":{\"c\":3}}");
	same("[\",]\",]", "[\",]\"]");
}

static void errors_name_the_line_of_the_file(void **state)
{
	(void)state;
	refused("{\n /* two\n lines */\n \"a\" 1}", "line 4");
	refused("{\"a\": 1, \"a\": 2}", "duplicate");
	refused("{\"a\": 1} x", "line 1");
	refused("[1,,2]", "line 1");
	refused("", "line 1");
	refused("{ /* never closed", "line 1");
}

static void base64_gives_the_bytes_back(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	assert_true(base64_decode("aGVsbG8=", &b));
	assert_string_equal(b.data, "hello");
	buf_reset(&b);
	assert_true(base64_decode("AAEC/w==", &b));
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "\0\1\2\xff", 4);
	buf_reset(&b);
	assert_true(base64_decode("aGVs\nbG8", &b));
	assert_string_equal(b.data, "hello");
}

static void what_is_not_base64_leaves_the_buffer_alone(void **state)
{
	static const char *const bad[] = { "a",    "aGVsbG8=x", "a b=",
					   "====", "aGVs*G8=",  "aGVsbG8==" };
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "kept");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(base64_decode(bad[i], &b));
		assert_string_equal(b.data, "kept");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_json_is_itself),
		cmocka_unit_test(comments_are_skipped),
		cmocka_unit_test(what_looks_like_a_comment_in_a_string_stays),
		cmocka_unit_test(a_comma_before_a_bracket_is_dropped),
		cmocka_unit_test(errors_name_the_line_of_the_file),
		cmocka_unit_test(base64_gives_the_bytes_back),
		cmocka_unit_test(what_is_not_base64_leaves_the_buffer_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
