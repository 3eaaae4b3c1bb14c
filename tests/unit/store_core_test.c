/* SPDX-License-Identifier: MIT */
/* The store itself: migrations, refusals, transactions, and what hangs on an app. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/config.h"
#include "store/deploy.h"
#include "store/domain.h"
#include "store/event.h"
#include "store/formation.h"
#include "store/instance.h"
#include "store/property.h"
#include "store/release.h"
#include "test_blog.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static char *db_path(void)
{
	return paths_in(paths_root(), "store/davit.db");
}

static int64_t number_of(const char *sql)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	assert_int_equal(store_query(&st, &q, &err, sql, ""), 0);
	assert_int_equal(store_step(&st, q, &err), 0);
	return sqlite3_column_int64(q, 0);
}

static char *word_of(const char *sql)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	assert_int_equal(store_query(&st, &q, &err, sql, ""), 0);
	assert_int_equal(store_step(&st, q, &err), 0);
	return store_text(q, 0);
}

static void run(const char *sql)
{
	if (sqlite3_exec(st.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(st.db));
}

static void a_fresh_store_has_every_migration(void **state)
{
	AUTO_FREE char *mode = word_of("PRAGMA journal_mode");

	(void)state;
	assert_int_equal(number_of("PRAGMA user_version"), store_migrations_count);
	assert_string_equal(mode, "wal");
	assert_int_equal(number_of("PRAGMA foreign_keys"), 1);
	assert_int_equal(number_of("PRAGMA synchronous"), 2);
}

/* Whoever made the file may have died before it was a store. */
static void a_file_that_was_only_begun_is_finished(void **state)
{
	AUTO_FREE char *path = db_path();
	AUTO_FREE char *mode = NULL;
	char name[200];

	(void)state;
	store_close(&st);
	for (int i = 0; i < 3; i++) {
		static const char *const tails[] = { "", "-wal", "-shm" };

		(void)snprintf(name, sizeof name, "%s%s", path, tails[i]);
		(void)unlink(name);
	}
	assert_int_equal(fs_write_atomic(path, "", 0, 0600, &err), 0);
	assert_int_equal(store_open(&st, false, &err), 0);
	mode = word_of("PRAGMA journal_mode");
	assert_string_equal(mode, "wal");
	assert_int_equal(number_of("SELECT count(*) FROM app"), 0);
}

static void the_log_is_begun_anew_in_time(void **state)
{
	AUTO_FREE char *path = db_path();
	AUTO_FREE char *wal = xasprintf("%s-wal", path);
	struct stat log;

	(void)state;
	for (int i = 0; i < 600; i++)
		run("UPDATE app SET locked = 1 - locked");
	assert_int_equal(stat(wal, &log), 0);
	assert_in_range(log.st_size, 1, 1500000);
}

static void a_reader_cannot_write(void **state)
{
	struct app other;

	(void)state;
	store_close(&st);
	assert_int_equal(store_open(&st, false, &err), 0);
	assert_int_equal(app_find(&st, "blog", &other, &err), 0);
	assert_int_equal(app_create(&st, "other", &other, &err), -1);
	assert_int_equal(number_of("SELECT count(*) FROM app"), 1);
}

static void a_newer_store_is_refused_and_left_alone(void **state)
{
	(void)state;
	run("PRAGMA user_version = 4000");
	store_close(&st);
	assert_int_equal(store_open(&st, true, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "from a newer davit"));
	assert_non_null(strstr(err.text, "4000"));
	assert_true(err.hint[0] != '\0');
	assert_null(st.db);
}

static void a_damaged_store_is_named_with_its_copies(void **state)
{
	AUTO_FREE char *path = db_path();
	char wal[200];

	(void)state;
	store_close(&st);
	(void)snprintf(wal, sizeof wal, "%s-wal", path);
	(void)unlink(wal);
	assert_int_equal(fs_write_atomic(path, "this is no database at all, is it?", 34,
					 0600, &err),
			 0);
	assert_int_equal(store_open(&st, true, &err), -1);
	assert_non_null(strstr(err.text, "davit.db"));
	assert_non_null(strstr(err.hint, "copies of it are beside it"));
	assert_null(st.db);
}

static void a_store_that_is_not_there_says_what_to_do(void **state)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store");

	(void)state;
	store_close(&st);
	assert_int_equal(fs_remove_tree(dir, &err), 0);
	assert_int_equal(store_open(&st, true, &err), -1);
	assert_non_null(strstr(err.hint, "quickstart"));
}

static void what_is_rolled_back_was_never_there(void **state)
{
	struct app other;

	(void)state;
	assert_int_equal(store_begin(&st, &err), 0);
	assert_int_equal(app_create(&st, "other", &other, &err), 0);
	assert_int_equal(store_begin(&st, &err), 0);
	assert_int_equal(app_create(&st, "third", &other, &err), 0);
	assert_int_equal(store_commit(&st, &err), 0);
	store_rollback(&st);
	assert_int_equal(number_of("SELECT count(*) FROM app"), 1);
	store_rollback(&st);
	assert_int_equal(store_begin(&st, &err), 0);
	assert_int_equal(app_create(&st, "other", &other, &err), 0);
	assert_int_equal(store_commit(&st, &err), 0);
	assert_int_equal(number_of("SELECT count(*) FROM app"), 2);
	assert_int_equal(store_commit(&st, &err), -1);
	assert_int_equal(err.kind, ERR_BUG);
}

/* A deferred constraint makes the COMMIT itself fail. */
static void a_commit_that_fails_ends_the_transaction(void **state)
{
	struct app other;

	(void)state;
	assert_int_equal(store_begin(&st, &err), 0);
	run("PRAGMA defer_foreign_keys = ON");
	run("INSERT INTO formation(app_id, process, quantity) VALUES(999, 'web', 1)");
	assert_int_equal(store_commit(&st, &err), -1);
	assert_int_equal(st.depth, 0);
	assert_int_equal(store_begin(&st, &err), 0);
	assert_int_equal(app_create(&st, "other", &other, &err), 0);
	assert_int_equal(store_commit(&st, &err), 0);
	assert_int_equal(number_of("SELECT count(*) FROM formation"), 0);
}

static void a_name_is_taken_once(void **state)
{
	struct app other;

	(void)state;
	assert_int_equal(app_create(&st, "blog", &other, &err), STORE_TAKEN);
	assert_int_equal(app_create(&st, "other", &other, &err), 0);
	assert_int_equal(app_rename(&st, other.id, "blog", &err), STORE_TAKEN);
	assert_int_equal(app_rename(&st, 999, "x", &err), STORE_NO_ROW);
	assert_int_equal(app_rename(&st, other.id, "z", &err), 0);
	assert_int_equal(app_find(&st, "z", &other, &err), 0);
	assert_int_equal(app_find(&st, "other", &other, &err), STORE_NO_ROW);
}

static void fill(const struct app *app)
{
	struct release r = RELEASE_INIT;
	struct instance in = { .app_id = app->id, .process = "web", .number = 1 };
	struct deploy d = { .app_id = app->id, .kind = "build", .pid = 1 };
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	json_t *vars = json_pack("{s:s}", "K", "V");
	json_t *types = json_pack("{s:i}", "web", 1);

	r.app_id = app->id;
	r.author = strdup("me");
	r.reason = strdup("why");
	r.source = strdup("git-push");
	r.revision = strdup("");
	r.config = json_object();
	r.formation = json_object();
	strv_add(&hosts, "a.example");
	assert_int_equal(release_add(&st, &r, &err), 0);
	in.release_id = r.id;
	assert_int_equal(instance_add(&st, app->name, &in, &err), 0);
	assert_int_equal(deploy_add(&st, &d, &err), 0);
	assert_int_equal(property_set(&st, app->id, "ps", "k", "v", &err), 0);
	assert_int_equal(config_put(&st, app->id, vars, &err), 0);
	assert_int_equal(formation_put(&st, app->id, types, &err), 0);
	assert_int_equal(domain_replace(&st, app->id, &hosts, &err), 0);
	json_decref(vars);
	json_decref(types);
	release_release(&r);
}

static void a_deleted_app_leaves_no_row_in_any_table(void **state)
{
	static const char *const tables[] = { "property",  "config",  "domain",
					      "formation", "release", "instance",
					      "deploy" };
	struct app other;
	char sql[128];

	(void)state;
	test_app(&st, "other", &other);
	fill(&blog);
	fill(&other);
	assert_int_equal(property_set(&st, STORE_GLOBAL, "ps", "k", "v", &err), 0);
	assert_int_equal(app_delete(&st, blog.id, &err), 0);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		(void)snprintf(sql, sizeof sql,
			       "SELECT count(*) FROM %s WHERE app_id = %lld", tables[i],
			       (long long)blog.id);
		if (number_of(sql) != 0)
			fail_msg("rows left in %s", tables[i]);
		(void)snprintf(sql, sizeof sql,
			       "SELECT count(*) FROM %s WHERE app_id = %lld", tables[i],
			       (long long)other.id);
		assert_int_equal(number_of(sql), 1);
	}
	assert_int_equal(number_of("SELECT count(*) FROM property WHERE app_id = 0"), 1);
}

static void a_later_app_never_gets_the_id_of_a_deleted_one(void **state)
{
	struct app again;

	(void)state;
	assert_int_equal(app_delete(&st, blog.id, &err), 0);
	test_app(&st, "blog", &again);
	assert_true(again.id > blog.id);
}

static void a_property_falls_back_to_the_host_and_then_to_the_default(void **state)
{
	char *value = NULL;

	(void)state;
	assert_int_equal(
		property_get(&st, PROPERTY(blog.id, "ps", "k"), "default", &value, &err),
		0);
	assert_string_equal(value, "default");
	free(value);
	assert_int_equal(property_set(&st, STORE_GLOBAL, "ps", "k", "host", &err), 0);
	assert_int_equal(
		property_get(&st, PROPERTY(blog.id, "ps", "k"), "default", &value, &err),
		0);
	assert_string_equal(value, "host");
	free(value);
	assert_int_equal(property_set(&st, blog.id, "ps", "k", "", &err), 0);
	assert_int_equal(
		property_get(&st, PROPERTY(blog.id, "ps", "k"), "default", &value, &err),
		0);
	assert_string_equal(value, "");
	free(value);
	assert_int_equal(property_unset(&st, blog.id, "ps", "k", &err), 0);
	assert_int_equal(property_find(&st, blog.id, "ps", "k", &value, &err),
			 STORE_NO_ROW);
}

static void a_list_is_kept_in_order_and_an_empty_one_is_absent(void **state)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO(strv_release) struct strv none = STRV_INIT;
	AUTO(strv_release) struct strv back = STRV_INIT;
	char *value = NULL;

	(void)state;
	strv_split(&lines, "b a c", " ");
	assert_int_equal(property_list_set(&st, blog.id, "p", "l", &lines, &err), 0);
	assert_int_equal(property_list(&st, blog.id, "p", "l", &back, &err), 0);
	assert_int_equal(back.len, 3);
	assert_string_equal(back.v[0], "b");
	assert_int_equal(property_list_set(&st, blog.id, "p", "l", &none, &err), 0);
	assert_int_equal(property_find(&st, blog.id, "p", "l", &value, &err),
			 STORE_NO_ROW);
}

static void keys_are_found_by_their_beginning_alone(void **state)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	(void)state;
	assert_int_equal(property_set(&st, blog.id, "p", "web.limit.cpu", "1", &err), 0);
	assert_int_equal(property_set(&st, blog.id, "p", "web_limit", "1", &err), 0);
	assert_int_equal(property_set(&st, blog.id, "p", "webx", "1", &err), 0);
	assert_int_equal(property_keys(&st, blog.id, "p", "web.", &keys, &err), 0);
	assert_int_equal(keys.len, 1);
	assert_int_equal(property_keys(&st, blog.id, "p", "%", &keys, &err), 0);
	assert_int_equal(keys.len, 1);
}

/* Sixteen processes, one store: nobody is turned away, and nothing is lost. */
static void many_writers_wait_for_each_other(void **state)
{
	pid_t pids[16];
	int status;

	(void)state;
	store_close(&st);
	for (int i = 0; i < 16; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct err why;
			int bad = store_open(&st, true, &why);

			for (int k = 0; k < 20 && bad == 0; k++)
				bad = event_add(&st,
						&(struct event){ .actor = "x",
								 .command = "y",
								 .result = "ok" },
						&why);
			store_close(&st);
			_exit(bad ? 1 : 0);
		}
	}
	for (int i = 0; i < 16; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_open(&st, true, &err), 0);
	assert_int_equal(number_of("SELECT count(*) FROM event"), 320);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, blog_start, blog_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fresh_store_has_every_migration),
		TEST(a_file_that_was_only_begun_is_finished),
		TEST(the_log_is_begun_anew_in_time),
		TEST(a_reader_cannot_write),
		TEST(a_newer_store_is_refused_and_left_alone),
		TEST(a_damaged_store_is_named_with_its_copies),
		TEST(a_store_that_is_not_there_says_what_to_do),
		TEST(what_is_rolled_back_was_never_there),
		TEST(a_commit_that_fails_ends_the_transaction),
		TEST(a_name_is_taken_once),
		TEST(a_deleted_app_leaves_no_row_in_any_table),
		TEST(a_later_app_never_gets_the_id_of_a_deleted_one),
		TEST(a_property_falls_back_to_the_host_and_then_to_the_default),
		TEST(a_list_is_kept_in_order_and_an_empty_one_is_absent),
		TEST(keys_are_found_by_their_beginning_alone),
		TEST(many_writers_wait_for_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
