/* SPDX-License-Identifier: MIT */
/* Good copies of the store: when, how many, and the way back. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <sys/stat.h>

#include "store/copy.h"
#include "store/layer.h"
#include "test_store.h"
#include "util/cleanup.h"

static struct store st;
static struct err err;

static int start(void **state)
{
	(void)state;
	test_store_open(&st);
	return 0;
}

static int end(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

static char *store_file(void)
{
	return paths_in(paths_root(), "store/davit.db");
}

static void make_old(const char *name, int64_t seconds)
{
	AUTO_FREE char *path = copy_path(name);
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = seconds } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void a_copy_is_due_when_the_store_has_changed_an_hour_later(void **state)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	(void)state;
	assert_true(copy_is_due());
	assert_int_equal(copy_make(&st, NULL, &err), 0);
	assert_false(copy_is_due());
	copy_list(&names);
	assert_int_equal(names.len, 1);
	make_old(names.v[0], 1000000);
	assert_true(copy_is_due());
	/* Of tomorrow: the clock was wrong. */
	make_old(names.v[0], (int64_t)1 << 32);
	assert_false(copy_is_due());
}

static void what_is_put_back_is_what_was_copied(void **state)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO_FREE char *aside = NULL;
	struct app app;

	(void)state;
	test_app(&st, "blog", &app);
	assert_int_equal(copy_make(&st, NULL, &err), 0);
	test_app(&st, "later", &app);
	store_close(&st);
	copy_list(&names);
	assert_int_equal(copy_restore(names.v[0], &aside, &err), 0);
	assert_true(fs_exists(aside));
	assert_int_equal(store_open(&st, true, &err), 0);
	assert_int_equal(app_find(&st, "blog", &app, &err), 0);
	assert_int_equal(app_find(&st, "later", &app, &err), STORE_NO_ROW);
}

static void a_damaged_copy_is_not_put_back(void **state)
{
	static const char junk[] = "no store at all";
	AUTO_FREE char *path = copy_path("2020-01-01T00:00:00Z");
	AUTO_FREE char *dir = paths_in(paths_root(), "store/copies");
	AUTO_FREE char *aside = NULL;
	struct app app;

	(void)state;
	test_app(&st, "blog", &app);
	assert_int_equal(fs_mkdirs(dir, 0700, &err), 0);
	assert_int_equal(fs_write_atomic(path, junk, sizeof junk, 0600, &err), 0);
	assert_int_equal(copy_restore("2020-01-01T00:00:00Z", &aside, &err), -1);
	assert_int_equal(app_find(&st, "blog", &app, &err), 0);
}

static void a_missing_store_is_not_begun_anew(void **state)
{
	AUTO_FREE char *path = store_file();
	struct store other = STORE_INIT;

	(void)state;
	assert_int_equal(copy_make(&st, NULL, &err), 0);
	store_close(&st);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_open(&other, true, &err), -1);
	assert_non_null(strstr(err.hint, "store:restore"));
	assert_false(fs_exists(path));
}

static int count_kept(void *ctx, const struct layer_user *u, struct err *why)
{
	(void)why;
	assert_string_equal(u->app, "blog");
	*(int *)ctx += u->live ? 10 : 1;
	return 0;
}

/* Failed releases keep nothing; stack and memos do. */
static void layers_and_their_users(void **state)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;
	int n = 0;

	(void)state;
	test_app(&st, "blog", &app);
	assert_int_equal(
		sqlite3_exec(
			st.db,
			"INSERT INTO release(app_id, number, created_at, state, author,"
			" reason, source, revision, image, config, formation) VALUES"
			"(1, 1, 0, 'past', '', '', '', '', '{\"layers\":[\"a\"]}', '{}', '{}'),"
			"(1, 2, 0, 'live', '', '', '', '', '{\"layers\":[\"b\"]}', '{}', '{}'),"
			"(1, 3, 0, 'failed', '', '', '', '', '{\"layers\":[\"c\"]}', '{}', '{}');"
			"INSERT INTO property VALUES(0, 'stack', 'base', 'base-1'),"
			"(1, 'builder-buildpack', 'memo', '{\"deps\":\"d\",\"prune\":\"p\"}')",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(layer_names(&st, &names, &err), 0);
	strv_sort(&names);
	AUTO_FREE char *all = strv_join(&names, " ");

	assert_string_equal(all, "a b base-1 c d p");
	assert_int_equal(layer_each_kept(&st, count_kept, &n, &err), 0);
	assert_int_equal(n, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_copy_is_due_when_the_store_has_changed_an_hour_later, start,
			end),
		cmocka_unit_test_setup_teardown(what_is_put_back_is_what_was_copied,
						start, end),
		cmocka_unit_test_setup_teardown(a_damaged_copy_is_not_put_back, start,
						end),
		cmocka_unit_test_setup_teardown(a_missing_store_is_not_begun_anew, start,
						end),
		cmocka_unit_test_setup_teardown(layers_and_their_users, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
