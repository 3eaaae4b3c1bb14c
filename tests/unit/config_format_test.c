/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "plugins/config/config.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static json_t *parsed(const char *text)
{
	struct err err = { .kind = ERR_NONE };
	json_t *vars = NULL;

	assert_int_equal(config_parse_envfile(text, strlen(text), &vars, &err), 0);
	return vars;
}

static void refused(const char *text, const char *why)
{
	struct err err = { .kind = ERR_NONE };
	json_t *vars = NULL;

	assert_int_equal(config_parse_envfile(text, strlen(text), &vars, &err), -1);
	assert_non_null(strstr(err.text, why));
}

static const char *value(const json_t *vars, const char *key)
{
	return json_string_value(json_object_get(vars, key));
}

static char *formatted(const json_t *vars, const char *format)
{
	struct err err = { .kind = ERR_NONE };
	struct buf b = BUF_INIT;

	assert_int_equal(config_format(vars, format, &b, &err), 0);
	return buf_take(&b);
}

static void an_envfile_has_comments_export_and_quotes(void **state)
{
	AUTO(json_at)
	json_t *v = parsed(
		"# head\n\nA=1\nexport B = two words # not this\n"
		"C='single $x \\n'\nD=\"double \\\"q\\\" \\n\"  # yes\nE=\r\nF=a#b");

	(void)state;
	assert_int_equal(json_object_size(v), 6);
	assert_string_equal(value(v, "A"), "1");
	assert_string_equal(value(v, "B"), "two words");
	assert_string_equal(value(v, "C"), "single $x \\n");
	assert_string_equal(value(v, "D"), "double \"q\" \n");
	assert_string_equal(value(v, "E"), "");
	assert_string_equal(value(v, "F"), "a#b");
}

static void a_quoted_value_may_go_over_lines(void **state)
{
	AUTO(json_at) json_t *v = parsed("A=\"one\ntwo\"\nB='x\ny'\n");

	(void)state;
	assert_string_equal(value(v, "A"), "one\ntwo");
	assert_string_equal(value(v, "B"), "x\ny");
}

static void a_bad_envfile_names_the_line(void **state)
{
	(void)state;
	refused("A=1\nB\n", "line 2: there is no =");
	refused("A=\"x\n", "a quote is not closed");
	refused("A='x' y\n", "line 1: there is something after");
	refused("\n\n1A=x\n", "line 3: Invalid key name");
}

static void what_export_writes_import_reads(void **state)
{
	static const char *const hostile[] = {
		"",      "plain", "two\nlines\r\n", "it's \"q\"", "$HOME `x` !",
		"\\n\\", "#x",    " sp ",           "="
	};

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		AUTO(json_at) json_t *v = json_pack("{s:s}", "K", hostile[i]);
		AUTO_FREE char *text = formatted(v, "envfile");
		AUTO(json_at) json_t *again = parsed(text);

		assert_true(json_equal(v, again));
	}
}

static void each_format_has_its_form(void **state)
{
	AUTO(json_at) json_t *v = json_pack("{s:s, s:s}", "A", "it's", "BC", "<&>");
	AUTO(json_at) json_t *none = json_object();
	static const struct {
		const char *format;
		const char *text;
	} forms[] = {
		{ "exports", "export A='it'\\''s'\nexport BC='<&>'\n" },
		{ "envfile", "A=\"it's\"\nBC=\"<&>\"\n" },
		{ "docker-args", "--env=A='it'\\''s' --env=BC='<&>'\n" },
		{ "docker-args-keys", "--env=A --env=BC\n" },
		{ "pack-keys", "--env A --env BC\n" },
		{ "shell", "A='it'\\''s' BC='<&>' \n" },
		{ "pretty", "A:   it's\nBC:  <&>\n" },
		{ "json", "{\"A\":\"it's\",\"BC\":\"\\u003c\\u0026\\u003e\"}\n" },
		{ "json-list", "[{\"name\":\"A\",\"value\":\"it's\"},{\"name\":\"BC\","
			       "\"value\":\"\\u003c\\u0026\\u003e\"}]\n" },
	};
	AUTO_FREE char *empty = formatted(none, "json-list");

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		AUTO_FREE char *text = formatted(v, forms[i].format);

		assert_string_equal(text, forms[i].text);
	}
	assert_string_equal(empty, "null\n");
}

static void values_outside_the_bounds_are_refused(void **state)
{
	static char large[CONFIG_VALUE_MAX + 1];
	struct err err = { .kind = ERR_NONE };

	(void)state;
	memset(large, 'x', sizeof large);
	assert_int_equal(config_check("K", large, CONFIG_VALUE_MAX, &err), 0);
	assert_int_equal(config_check("K", large, CONFIG_VALUE_MAX + 1, &err), -1);
	assert_non_null(strstr(err.text, "65537 bytes; the most is 65536"));
	assert_int_equal(config_check("K", "a\0b", 3, &err), -1);
	assert_non_null(strstr(err.text, "NUL"));
	assert_int_equal(config_check("K", "\xff", 1, &err), -1);
	assert_non_null(strstr(err.text, "UTF-8"));
}

static void encoded_pairs_are_decoded_and_checked(void **state)
{
	const char *const good[] = { "K=bGluZTEKbGluZTI=", NULL };
	const char *const nul[] = { "K=YQBi", NULL };
	const char *const bad[] = { "K=*", NULL };
	struct err err = { .kind = ERR_NONE };
	AUTO(json_at) json_t *v = NULL;
	json_t *none = NULL;

	(void)state;
	assert_int_equal(config_parse_pairs(good, true, &v, &err), 0);
	assert_string_equal(value(v, "K"), "line1\nline2");
	assert_int_equal(config_parse_pairs(nul, true, &none, &err), -1);
	assert_int_equal(config_parse_pairs(bad, true, &none, &err), -1);
	assert_non_null(strstr(err.text, "not base64"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envfile_has_comments_export_and_quotes),
		cmocka_unit_test(a_quoted_value_may_go_over_lines),
		cmocka_unit_test(a_bad_envfile_names_the_line),
		cmocka_unit_test(what_export_writes_import_reads),
		cmocka_unit_test(each_format_has_its_form),
		cmocka_unit_test(values_outside_the_bounds_are_refused),
		cmocka_unit_test(encoded_pairs_are_decoded_and_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
