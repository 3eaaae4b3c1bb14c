/* SPDX-License-Identifier: MIT */
/* The fields of a container: what was asked for runs, or nothing does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "runtime/container.h"
#include "test_store.h"

static struct store st;
static struct app blog;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	err = (struct err){ .kind = ERR_NONE };
	test_store_open(&st);
	test_app(&st, "blog", &blog);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

static json_t *spec_of(const char *command, const char *const *argv)
{
	struct release r = RELEASE_INIT;
	struct container c = { .app = &blog,
			       .release = &r,
			       .id = "blog.run.1",
			       .process = "run",
			       .number = 1,
			       .command = command,
			       .argv = argv };
	json_t *spec = NULL;

	return container_spec(&st, &c, &spec, &err) == 0 ? spec : NULL;
}

static void a_command_is_one_word_for_the_shell_inside(void **state)
{
	json_t *spec = spec_of("echo $HOME; ls", NULL);
	const json_t *argv = json_object_get(spec, "argv");

	(void)state;
	assert_int_equal(json_array_size(argv), 2);
	assert_string_equal(json_string_value(json_array_get(argv, 0)), CONTAINER_START);
	assert_string_equal(json_string_value(json_array_get(argv, 1)), "echo $HOME; ls");
	json_decref(spec);
}

static void words_stay_as_they_are(void **state)
{
	json_t *spec = spec_of(NULL, (const char *const[]){ "a b", "$(x)", NULL });
	const json_t *argv = json_object_get(spec, "argv");

	(void)state;
	assert_int_equal(json_array_size(argv), 2);
	assert_string_equal(json_string_value(json_array_get(argv, 1)), "$(x)");
	json_decref(spec);
}

static void bytes_that_json_cannot_carry_are_refused_and_not_left_out(void **state)
{
	(void)state;
	assert_null(spec_of("rm -r /data/\xff", NULL));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_true(err.hint[0]);
	assert_null(spec_of(NULL, (const char *const[]){ "cp", "\xc3", "b", NULL }));
	assert_int_equal(err.kind, ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_is_one_word_for_the_shell_inside),
		TEST(words_stay_as_they_are),
		TEST(bytes_that_json_cannot_carry_are_refused_and_not_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
