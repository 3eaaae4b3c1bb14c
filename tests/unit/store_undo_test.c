/* SPDX-License-Identifier: MIT */
/* Changes that wait for a deploy: what goes back when it fails, or dies. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <sys/wait.h>
#include <unistd.h>

#include "store/config.h"
#include "store/formation.h"
#include "store/property.h"
#include "store/undo.h"
#include "test_blog.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static void put(const char *text)
{
	AUTO(json_at) json_t *vars = json_loads(text, 0, NULL);

	assert_non_null(vars);
	assert_int_equal(config_put(&st, blog.id, vars, &err), 0);
}

static void config_is(const char *want)
{
	AUTO(json_at) json_t *vars = NULL;
	AUTO_FREE char *text = NULL;

	assert_int_equal(config_load(&st, blog.id, &vars, &err), 0);
	text = json_dumps(vars, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, want);
}

static void formation_is(const char *want)
{
	AUTO(json_at) json_t *types = NULL;
	AUTO_FREE char *text = NULL;

	assert_int_equal(formation_load(&st, blog.id, &types, &err), 0);
	text = json_dumps(types, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, want);
}

/* As config:set does it: the change and its note. */
static void change(struct store *to, const char *text)
{
	AUTO(json_at) json_t *was = NULL;
	AUTO(json_at) json_t *is = NULL;
	AUTO(json_at) json_t *vars = json_loads(text, 0, NULL);

	assert_int_equal(config_load(to, blog.id, &was, &err), 0);
	assert_int_equal(config_put(to, blog.id, vars, &err), 0);
	assert_int_equal(config_load(to, blog.id, &is, &err), 0);
	assert_int_equal(undo_note(to, blog.id, UNDO_CONFIG, was, is, &err), 0);
}

static void scale(const char *text)
{
	AUTO(json_at) json_t *was = NULL;
	AUTO(json_at) json_t *types = json_loads(text, 0, NULL);

	assert_int_equal(formation_load(&st, blog.id, &was, &err), 0);
	assert_int_equal(formation_replace(&st, blog.id, types, &err), 0);
	assert_int_equal(undo_note(&st, blog.id, UNDO_FORMATION, was, types, &err), 0);
}

static void a_failed_deploy_gives_everything_back(void **state)
{
	(void)state;
	put("{\"A\":\"1\",\"B\":\"2\"}");
	change(&st, "{\"A\":\"x\",\"C\":\"new\"}");
	change(&st, "{\"A\":\"y\"}");
	scale("{\"web\":3,\"worker\":1}");
	config_is("{\"A\":\"y\",\"B\":\"2\",\"C\":\"new\"}");
	assert_int_equal(undo_take_back(&st, blog.id, &err), 0);
	config_is("{\"A\":\"1\",\"B\":\"2\"}");
	formation_is("{}");
}

static void what_somebody_else_changed_meanwhile_stays(void **state)
{
	(void)state;
	put("{\"A\":\"1\",\"B\":\"2\"}");
	change(&st, "{\"A\":\"x\",\"B\":\"x\"}");
	put("{\"B\":\"theirs\"}");
	assert_int_equal(undo_take_back(&st, blog.id, &err), 0);
	config_is("{\"A\":\"1\",\"B\":\"theirs\"}");
}

static void what_serves_is_not_taken_back(void **state)
{
	(void)state;
	change(&st, "{\"A\":\"x\"}");
	assert_int_equal(undo_forget(&st, blog.id, &err), 0);
	assert_int_equal(undo_take_back(&st, blog.id, &err), 0);
	assert_int_equal(undo_take_back_dead(&st, blog.id, &err), 0);
	config_is("{\"A\":\"x\"}");
}

static void the_note_of_a_dead_process_is_found_by_the_next(void **state)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	pid_t pid;
	int status;

	(void)state;
	put("{\"A\":\"1\"}");
	pid = fork();
	if (pid == 0) {
		struct store own = STORE_INIT;

		if (store_open(&own, true, &err) < 0)
			_exit(1);
		change(&own, "{\"A\":\"dead\"}");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	change(&st, "{\"B\":\"ours\"}");
	config_is("{\"A\":\"dead\",\"B\":\"ours\"}");
	assert_int_equal(undo_apps(&st, &names, &err), 0);
	assert_int_equal(names.len, 1);
	assert_string_equal(names.v[0], "blog");
	assert_int_equal(undo_take_back_dead(&st, blog.id, &err), 0);
	config_is("{\"A\":\"1\",\"B\":\"ours\"}");
	assert_int_equal(undo_take_back(&st, blog.id, &err), 0);
	config_is("{\"A\":\"1\"}");
}

static void a_copy_of_the_app_owes_nothing(void **state)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;
	struct app copy;

	(void)state;
	test_app(&st, "copy", &copy);
	change(&st, "{\"A\":\"x\"}");
	assert_int_equal(property_set(&st, blog.id, "ps", "restore", "false", &err), 0);
	assert_int_equal(property_copy(&st, blog.id, copy.id, &err), 0);
	assert_int_equal(property_keys(&st, copy.id, "undo", "", &keys, &err), 0);
	assert_int_equal(keys.len, 0);
	assert_int_equal(property_keys(&st, copy.id, "ps", "", &keys, &err), 0);
	assert_int_equal(keys.len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_failed_deploy_gives_everything_back,
						blog_start, blog_end),
		cmocka_unit_test_setup_teardown(
			what_somebody_else_changed_meanwhile_stays, blog_start, blog_end),
		cmocka_unit_test_setup_teardown(what_serves_is_not_taken_back, blog_start,
						blog_end),
		cmocka_unit_test_setup_teardown(
			the_note_of_a_dead_process_is_found_by_the_next, blog_start,
			blog_end),
		cmocka_unit_test_setup_teardown(a_copy_of_the_app_owes_nothing,
						blog_start, blog_end),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
