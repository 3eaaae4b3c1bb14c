/* SPDX-License-Identifier: MIT */
/* A store of a newer davit becomes one of ours, with what happened meanwhile. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "store/adopt.h"
#include "store/config.h"
#include "test_blog.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static void sql(const char *text)
{
	if (sqlite3_exec(st.db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(st.db));
}

static void upgrade(void)
{
	char text[64];

	sql("ALTER TABLE app ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';"
	    "CREATE TABLE more(app_id INTEGER NOT NULL REFERENCES app(id), x TEXT) STRICT;"
	    "CREATE INDEX more_app ON more(app_id);"
	    "CREATE TRIGGER t AFTER INSERT ON app BEGIN DELETE FROM more; END;");
	(void)snprintf(text, sizeof text, "PRAGMA user_version = %u",
		       store_migrations_count + 3);
	sql(text);
}

static char *schema(void)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	assert_int_equal(
		store_query(&st, &q, &err,
			    "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM"
			    " sqlite_master WHERE sql IS NOT NULL ORDER BY sql)",
			    ""),
		0);
	assert_int_equal(store_step(&st, q, &err), 0);
	return store_text(q, 0);
}

static void what_happened_meanwhile_stays(void **state)
{
	AUTO_FREE char *before = schema();
	AUTO_FREE char *after = NULL;
	AUTO_FREE char *value = NULL;
	AUTO_FREE char *copy = paths_in(paths_root(), "store/davit.db.newer-%u",
					store_migrations_count + 3);
	struct app later;
	struct app next;
	json_t *vars = json_pack("{s:s}", "WORD", "x");

	(void)state;
	upgrade();
	assert_int_equal(config_put(&st, blog.id, vars, &err), 0);
	json_decref(vars);
	test_app(&st, "later", &later);
	sql("DELETE FROM app WHERE name = 'later'");
	sql("INSERT INTO more VALUES(1, 'x')");
	store_close(&st);
	assert_int_equal(store_open(&st, true, &err), -1);
	assert_non_null(strstr(err.text, "newer davit"));
	assert_int_equal(adopt_store(&err), 0);
	assert_true(fs_exists(copy));
	assert_int_equal(adopt_store(&err), ADOPT_NOT_NEWER);
	assert_int_equal(store_open(&st, true, &err), 0);
	after = schema();
	assert_string_equal(after, before);
	assert_int_equal(config_find(&st, blog.id, "WORD", &value, &err), 0);
	assert_string_equal(value, "x");
	test_app(&st, "next", &next);
	assert_true(next.id > later.id); /* a number is not given twice */
}

static void what_cannot_be_taken_over_is_left_as_it_is(void **state)
{
	(void)state;
	upgrade();
	/* A row that our own checks would refuse. */
	sql("PRAGMA ignore_check_constraints = ON;"
	    "UPDATE app SET name = ''");
	store_close(&st);
	assert_int_equal(adopt_store(&err), -1);
	assert_non_null(strstr(err.text, "take over the table app"));
	assert_int_equal(store_open(&st, true, &err), -1);
	assert_non_null(strstr(err.text, "newer davit"));
	st = (struct store)STORE_INIT;
}

static void our_own_store_is_not_touched(void **state)
{
	(void)state;
	assert_int_equal(adopt_store(&err), ADOPT_NOT_NEWER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, blog_start, blog_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_happened_meanwhile_stays),
		TEST(what_cannot_be_taken_over_is_left_as_it_is),
		TEST(our_own_store_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
