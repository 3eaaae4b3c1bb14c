/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "util/toml.h"

#include <string.h>

#include "util/cleanup.h"
#include "util/jsonc.h"

static void same(const char *text, const char *json)
{
	struct err err = { .kind = ERR_NONE };
	AUTO(json_at) json_t *have = NULL;
	AUTO(json_at) json_t *want = json_loads(json, 0, NULL);

	assert_non_null(want);
	if (toml_parse(text, strlen(text), &have, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_true(json_equal(have, want));
}

static void refused(const char *text, const char *why)
{
	struct err err = { .kind = ERR_NONE };
	json_t *have = NULL;

	assert_int_equal(toml_parse(text, strlen(text), &have, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("%s: %s", text, err.text);
}

static void pairs_tables_and_comments(void **state)
{
	(void)state;
	same("# c\na = 1 # d\r\n[t]\nb.c = true\n\"q k\" = 'x'\n[t.u]\nd = []\n",
	     "{\"a\":1,\"t\":{\"b\":{\"c\":true},\"q k\":\"x\",\"u\":{\"d\":[]}}}");
	same("", "{}");
}

static void numbers_and_dates(void **state)
{
	(void)state;
	same("a=[1_000, -17, +5, 0, 0xdead_beef, 0o17, 0b101]",
	     "{\"a\":[1000,-17,5,0,3735928559,15,5]}");
	same("a=[3.14, 1e3, -2.5E-1, 6.0]", "{\"a\":[3.14,1000.0,-0.25,6.0]}");
	same("a=1979-05-27T07:32:00Z\nb=07:32:00\nc=1979-05-27 07:32:00\nd=1979-05-27",
	     "{\"a\":\"1979-05-27T07:32:00Z\",\"b\":\"07:32:00\","
	     "\"c\":\"1979-05-27 07:32:00\",\"d\":\"1979-05-27\"}");
}

static void strings_in_their_four_forms(void **state)
{
	(void)state;
	same("a=\"x\\t\\\"\\u00e4\\U0001F600\"\nb='c:\\n'",
	     "{\"a\":\"x\\t\\\"\\u00e4"
	     "\\ud83d\\ude00\",\"b\":\"c:\\\\n\"}");
	same("a=\"\"\"\none\n  two \\\n   three\"\"\"\nb='''\nx'y''z'''",
	     "{\"a\":\"one\\n  two three\",\"b\":\"x'y''z\"}");
	same("a=\"\"\"\"q\"\"\"\"", "{\"a\":\"\\\"q\\\"\"}");
}

static void arrays_of_tables_and_inline_tables(void **state)
{
	(void)state;
	same("[[p]]\nn=1\n[p.x]\ny=2\n[[p]]\nn=3\n[p.x]\ny=4\n",
	     "{\"p\":[{\"n\":1,\"x\":{\"y\":2}},{\"n\":3,\"x\":{\"y\":4}}]}");
	same("a = { b = 1, c.d = 'x', e = [ # c\n 1,\n 2,\n] }\n",
	     "{\"a\":{\"b\":1,\"c\":{\"d\":\"x\"},\"e\":[1,2]}}");
	same("a={}", "{\"a\":{}}");
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	refused("a=1\na=2", "line 2: a key is given a second time");
	refused("[t]\n[t]", "line 2: a table is given a second time");
	refused("a=1\n[a]", "a value and a table at once");
	refused("a", "there is no =");
	refused("a=", "a value is expected");
	refused("a=1 b=2", "something after the value");
	refused("a=\"x", "not closed");
	refused("a=\"x\ny\"", "not closed on its line");
	refused("a=[1,2", "not closed");
	refused("a={b=1", "not closed");
	refused("a=nope", "no string, number");
	refused("a=inf", "no string, number");
	refused("a=012", "no string, number");
	refused("a=1__0", "no string, number");
	refused("a=99999999999999999999", "no string, number");
	refused("a=\"\\ud800\"", "no character");
	refused("[t\na=1", "header is not closed");
	refused("a=\"\xff\"", "not UTF-8");
}

static void depth_has_a_bound(void **state)
{
	char deep[400];

	(void)state;
	memset(deep, '[', sizeof deep);
	memcpy(deep, "a=", 2);
	deep[sizeof deep - 1] = '\0';
	refused(deep, "more than 64 levels");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_tables_and_comments),
		cmocka_unit_test(numbers_and_dates),
		cmocka_unit_test(strings_in_their_four_forms),
		cmocka_unit_test(arrays_of_tables_and_inline_tables),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(depth_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
