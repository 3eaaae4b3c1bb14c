/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "runtime/procfile.h"

#include <string.h>

#include "util/cleanup.h"
#include "util/jsonc.h"

static json_t *parsed(const char *text)
{
	struct err err = { .kind = ERR_NONE };
	json_t *types = NULL;

	assert_int_equal(procfile_parse(text, strlen(text), &types, &err), 0);
	return types;
}

static void refused(const char *text, const char *why)
{
	struct err err = { .kind = ERR_NONE };
	json_t *types = NULL;

	assert_int_equal(procfile_parse(text, strlen(text), &types, &err), -1);
	assert_int_equal(err.kind, ERR_APP);
	assert_non_null(strstr(err.text, why));
	assert_null(types);
}

static const char *command(const json_t *types, const char *type)
{
	return json_string_value(json_object_get(types, type));
}

static void a_line_is_a_type_and_a_command(void **state)
{
	AUTO(json_at) json_t *t = parsed("web: gunicorn app:app\nworker:python w.py");

	(void)state;
	assert_int_equal(json_object_size(t), 2);
	assert_string_equal(command(t, "web"), "gunicorn app:app");
	assert_string_equal(command(t, "worker"), "python w.py");
}

static void the_order_of_the_file_is_kept(void **state)
{
	AUTO(json_at) json_t *t = parsed("zeta: a\nalpha: b\nmid: c\n");
	void *at = json_object_iter(t);

	(void)state;
	assert_string_equal(json_object_iter_key(at), "zeta");
	at = json_object_iter_next(t, at);
	assert_string_equal(json_object_iter_key(at), "alpha");
}

static void comments_blank_lines_and_line_ends_of_windows_do_not_count(void **state)
{
	AUTO(json_at)
	json_t *t = parsed("\xef\xbb\xbf# one\r\n\r\n  // two\r\n \t web : node . \r\n");

	(void)state;
	assert_int_equal(json_object_size(t), 1);
	assert_string_equal(command(t, "web"), "node .");
}

static void an_empty_file_has_no_types(void **state)
{
	AUTO(json_at) json_t *t = parsed("");

	(void)state;
	assert_int_equal(json_object_size(t), 0);
}

static void bad_lines_are_named_by_their_number(void **state)
{
	(void)state;
	refused("web: a\nno colon here\n", "line 2: there is no colon");
	refused("web:   \n", "line 1: there is no command");
	refused("we b: x\n", "line 1: the type");
	refused("a: b\n\nweb: x\nweb: y\n", "line 4: this type is given a second time");
	refused("web: \xff\xfe\n", "line 1: the command is not UTF-8");
}

static void what_is_too_large_is_refused(void **state)
{
	static char text[PROCFILE_MAX + 2];
	struct err err = { .kind = ERR_NONE };
	json_t *types = NULL;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < 5; i++)
		text[i] = "web: "[i];
	assert_int_equal(procfile_parse(text, PROCFILE_MAX + 1, &types, &err), -1);
	assert_int_equal(procfile_parse(text, PROCFILE_COMMAND_MAX + 100, &types, &err),
			 -1);
	assert_non_null(strstr(err.text, "longer than 16384"));
	assert_int_equal(procfile_parse("web: a\0b", 8, &types, &err), -1);
	assert_non_null(strstr(err.text, "NUL"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_type_and_a_command),
		cmocka_unit_test(the_order_of_the_file_is_kept),
		cmocka_unit_test(
			comments_blank_lines_and_line_ends_of_windows_do_not_count),
		cmocka_unit_test(an_empty_file_has_no_types),
		cmocka_unit_test(bad_lines_are_named_by_their_number),
		cmocka_unit_test(what_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
