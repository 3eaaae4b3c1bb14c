/* SPDX-License-Identifier: MIT */
/* Files of the proxy change together, and only where their text does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "serve/proxy.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static struct err err;
static int asked;
static json_t *last;

static int says_yes(const char *verb, json_t *fields, json_t **reply, struct err *e)
{
	(void)reply;
	(void)e;
	assert_string_equal(verb, "nginx");
	asked++;
	json_decref(last);
	last = fields;
	return 0;
}

static int says_no(const char *verb, json_t *fields, json_t **reply, struct err *e)
{
	(void)verb;
	(void)reply;
	json_decref(fields);
	asked++;
	return err_set(e, ERR_HOST, "nginx does not accept it: unknown directive");
}

static int write_file(void **state)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "nginx");
	AUTO_FREE char *path = paths_in(paths_root(), "nginx/blog.conf");

	(void)state;
	asked = 0;
	return fs_mkdirs(dir, 0755, &err) < 0 ||
	       fs_write_atomic(path, "old\n", 4, 0644, &err) < 0;
}

static int forget(void **state)
{
	(void)state;
	json_decref(last);
	last = NULL;
	return fs_remove_tree(paths_root(), &err);
}

static void the_same_text_asks_nobody(void **state)
{
	const struct proxy_change same = { "blog", "old\n" };

	(void)state;
	assert_int_equal(proxy_apply(says_no, &same, 1, &err), PROXY_UNCHANGED);
	assert_int_equal(asked, 0);
}

static void a_file_that_is_absent_anyway_asks_nobody(void **state)
{
	const struct proxy_change none = { "shop", NULL };

	(void)state;
	assert_int_equal(proxy_apply(says_no, &none, 1, &err), PROXY_UNCHANGED);
	assert_int_equal(asked, 0);
}

static void only_what_differs_is_sent_and_all_of_it_at_once(void **state)
{
	const struct proxy_change three[] = { { "blog", "old\n" },
					      { "shop", "new\n" },
					      { "wiki", "new\n" } };

	(void)state;
	assert_int_equal(proxy_apply(says_yes, three, 3, &err), 0);
	assert_int_equal(asked, 1);
	assert_int_equal(json_array_size(json_object_get(last, "set")), 2);
}

static void removal_is_a_null(void **state)
{
	const struct proxy_change gone = { "blog", NULL };
	const json_t *one;

	(void)state;
	assert_int_equal(proxy_apply(says_yes, &gone, 1, &err), 0);
	one = json_array_get(json_object_get(last, "set"), 0);
	assert_true(json_is_null(json_object_get(one, "text")));
	assert_string_equal(json_string_value(json_object_get(one, "name")), "blog");
}

static void a_refusal_has_nginxs_words_and_says_that_the_old_serves(void **state)
{
	const struct proxy_change bad = { "blog", "bad\n" };

	(void)state;
	assert_int_equal(proxy_apply(says_no, &bad, 1, &err), -1);
	assert_non_null(strstr(err.text, "serves on as before"));
	assert_non_null(strstr(err.text, "unknown directive"));
}

int main(void)
{
	char dir[] = "/tmp/proxy_apply.XXXXXX";
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, write_file, forget)
		TEST(the_same_text_asks_nobody),
		TEST(a_file_that_is_absent_anyway_asks_nobody),
		TEST(only_what_differs_is_sent_and_all_of_it_at_once),
		TEST(removal_is_a_null),
		TEST(a_refusal_has_nginxs_words_and_says_that_the_old_serves),
	};

	if (!mkdtemp(dir) || setenv("DAVIT_ROOT", dir, 1) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
