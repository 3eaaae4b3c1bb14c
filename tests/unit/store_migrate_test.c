/* SPDX-License-Identifier: MIT */
/* Migrations, with a schema of the test's own. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "test_store.h"
#include "util/cleanup.h"

const char *const store_migrations[] = {
	"CREATE TABLE one(x INTEGER NOT NULL) STRICT;",
	"CREATE TABLE two(x INTEGER NOT NULL) STRICT; INSERT INTO two SELECT x FROM one;",
};
const unsigned store_migrations_count = 2;

static struct store st;
static struct err err;

static int start(void **state)
{
	(void)state;
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	/* As the davit before this one left it. */
	assert_int_equal(sqlite3_exec(st.db,
				      "DROP TABLE two; INSERT INTO one VALUES(7);"
				      "PRAGMA user_version = 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

static int64_t number_of(struct store *s, const char *sql)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(s, &q, &err, sql, "") < 0 || store_step(s, q, &err) != 0)
		return -1;
	return sqlite3_column_int64(q, 0);
}

static int64_t copied(const char *sql)
{
	AUTO_FREE char *copy = paths_in(paths_root(), "store/davit.db.before-2");
	struct store old = STORE_INIT;
	int64_t n = -1;

	if (sqlite3_open_v2(copy, &old.db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		n = number_of(&old, sql);
	store_close(&old);
	return n;
}

static void a_store_is_brought_up_and_kept_as_it_was(void **state)
{
	(void)state;
	store_close(&st);
	assert_int_equal(store_open(&st, true, &err), 0);
	assert_int_equal(number_of(&st, "PRAGMA user_version"), 2);
	assert_int_equal(number_of(&st, "SELECT x FROM two"), 7);
	assert_int_equal(copied("SELECT x FROM one"), 7);
	assert_int_equal(copied("PRAGMA user_version"), 1);
	assert_int_equal(copied("SELECT x FROM two"), -1);
}

static void a_reader_finds_the_tables_it_knows(void **state)
{
	(void)state;
	store_close(&st);
	assert_int_equal(store_open(&st, false, &err), 0);
	assert_int_equal(number_of(&st, "SELECT x FROM two"), 7);
}

static void a_migration_that_fails_leaves_the_store_as_it_was(void **state)
{
	(void)state;
	assert_int_equal(
		sqlite3_exec(st.db, "CREATE TABLE two(other TEXT)", NULL, NULL, NULL),
		SQLITE_OK);
	store_close(&st);
	assert_int_equal(store_open(&st, true, &err), -1);
	assert_non_null(strstr(err.text, "store migration 2"));
	assert_null(st.db);
	assert_int_equal(copied("SELECT x FROM one"), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_is_brought_up_and_kept_as_it_was),
		TEST(a_reader_finds_the_tables_it_knows),
		TEST(a_migration_that_fails_leaves_the_store_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
