/* SPDX-License-Identifier: MIT */
/* From words to a running command: rows, apps, rights, plugins' commands. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>
#include <sys/stat.h>

#include "command/command.h"
#include "command/dispatch.h"
#include "plugin/plugin.h"
#include "store/property.h"
#include "test_capture.h"
#include "test_store.h"
#include "util/cleanup.h"

/* What the last command saw. */
static struct {
	int runs;
	char words[256];
	char app[64];
	bool global;
	bool force;
	bool writable;
} seen;

static int see(struct request *req, struct err *err)
{
	AUTO_FREE char *words = strv_join(&req->words, " ");

	(void)err;
	seen.runs++;
	(void)snprintf(seen.words, sizeof seen.words, "%s", words);
	(void)snprintf(seen.app, sizeof seen.app, "%s", req->app.name);
	seen.global = req->global;
	seen.force = req->force;
	seen.writable = req->st && req->st->writable;
	out_step(req->out, "progress");
	out_line(req->out, "answer");
	return 0;
}

static int fails(struct request *req, struct err *err)
{
	(void)req;
	(void)err_set(err, ERR_APP, "the cause");
	return err_hint(err, "the way on");
}

static int leaves(struct request *req, struct err *err)
{
	(void)req;
	return err_exit(err, 42);
}

static int lists(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		out_line(req->out, "%s", name);
	return 0;
}

static const struct command commands[] = {
	COMMAND("t:host", ROLE_ANYONE, SCOPE_HOST, see, "x", .args = { 0, 1 }),
	COMMAND("t:free", ROLE_ANYONE, SCOPE_HOST, see, "x", .needs = NEEDS_NO_STORE),
	COMMAND("t:read", ROLE_VIEWER, SCOPE_APP, see, "x", .args = { 0, 0 }),
	COMMAND("t:write", ROLE_OWNER, SCOPE_APP, see, "x", .usage = "<app> <word>",
		.args = { 1, 2 }, .needs = NEEDS_WRITE),
	COMMAND("t:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, see, "x", .flags = "global",
		.args = { 1, 1 }, .needs = NEEDS_WRITE),
	COMMAND("t:all", ROLE_VIEWER, SCOPE_APP_OR_ALL, lists, "x", .flags = "global all",
		.args = { 0, 0 }),
	COMMAND("t:allow", ROLE_OWNER, SCOPE_APP_OR_ALL, lists, "x",
		.flags = "global all", .args = { 0, 0 }),
	COMMAND("t:new", ROLE_ADMIN, SCOPE_NEW_APP, see, "x", .args = { 0, 0 }),
	COMMAND("t:root", ROLE_ROOT, SCOPE_HOST, see, "x",
		.needs = NEEDS_ROOT | NEEDS_NO_STORE),
	COMMAND("t:fails", ROLE_ANYONE, SCOPE_HOST, fails, "x", .needs = NEEDS_WRITE),
	COMMAND("t:quiet", ROLE_ANYONE, SCOPE_HOST, see, "x",
		.needs = NEEDS_WRITE | QUIET_EVENT),
	COMMAND("t:leaves", ROLE_ANYONE, SCOPE_HOST, leaves, "x", .usage = ""),
	COMMAND("t:hidden", ROLE_ANYONE, SCOPE_HOST, see, "x", .needs = HIDDEN),
	COMMANDS_END,
};

static const struct plugin plugin_t = { .name = "t", .commands = commands };
const struct plugin *const core_plugins[] = { &plugin_t };
const size_t core_plugins_count = 1;

static struct store st;
static struct app blog;
static struct app shop;
static struct err err;
static struct capture said;
static struct caller admin = { .name = "boss", .role = ROLE_ADMIN };
static struct caller member = { .name = "ann", .role = ROLE_ANYONE, .ssh = true };
static struct caller root = { .name = "root", .role = ROLE_ROOT, .root = true };

static int start(void **state)
{
	(void)state;
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	test_app(&st, "blog", &blog);
	test_app(&st, "shop", &shop);
	memset(&seen, 0, sizeof seen);
	(void)unsetenv("DOKKU_QUIET_OUTPUT");
	(void)unsetenv("DOKKU_TRACE");
	(void)unsetenv("DOKKU_APPS_FORCE_DELETE");
	(void)unsetenv("DOKKU_APP_NAME");
	return 0;
}

static int end(void **state)
{
	(void)state;
	store_close(&st);
	return 0;
}

/* Run one line for a caller and keep what it says in `said`. */
static int run(struct caller *who, const char *line)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	int status;

	capture_release(&said);
	strv_split(&words, line, " ");
	capture_start(&said);
	status = dispatch(who, strv_const(&words), words.v);
	capture_end(&said);
	return status;
}

static void grant(const char *role)
{
	assert_int_equal(property_set(&st, blog.id, "access", "ann", role, &err), 0);
}

static void a_command_gets_its_words_and_its_app(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:write blog A=1 --force"), 0);
	assert_string_equal(seen.words, "blog A=1");
	assert_string_equal(seen.app, "blog");
	assert_true(seen.force);
	assert_true(seen.writable);
	assert_int_equal(run(&admin, "t:read blog"), 0);
	assert_false(seen.writable);
	assert_string_equal(said.out.data, "-----> progress\nanswer\n");
}

static void the_app_flag_stands_for_the_first_word(void **state)
{
	static const char *const lines[] = { "--app blog t:write A=1",
					     "t:write A=1 --app blog",
					     "t:write --app=blog A=1" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(run(&admin, lines[i]), 0);
		assert_string_equal(seen.words, "blog A=1");
	}
	assert_string_equal(getenv("DOKKU_APP_NAME"), "blog");
}

static void a_missing_app_is_20_and_named(void **state)
{
	static const char *const lines[] = { "t:read nothing", "t:read No_Such",
					     "t:write ../../etc x",
					     "--app nothing t:read" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(run(&admin, lines[i]), 20);
		assert_non_null(strstr(said.err.data, "does not exist"));
		assert_non_null(strstr(said.err.data, "davit apps:list"));
	}
	assert_int_equal(seen.runs, 0);
}

static void no_app_at_all_is_a_usage_error(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:read"), 1);
	assert_non_null(strstr(said.err.data, "Please specify an app"));
	assert_int_equal(run(&admin, "t:new"), 1);
	assert_int_equal(run(&admin, "t:set"), 1);
	assert_int_equal(seen.runs, 0);
}

static void words_are_counted_without_the_app(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:write blog"), 1);
	assert_non_null(strstr(said.err.data, "too few words"));
	assert_non_null(strstr(said.err.data, "usage: davit t:write <app> <word>"));
	assert_int_equal(run(&admin, "t:write blog a b c"), 1);
	assert_non_null(strstr(said.err.data, "too many words"));
	assert_int_equal(run(&admin, "t:host a b"), 1);
	assert_int_equal(run(&admin, "t:set --global v"), 0);
	assert_true(seen.global);
	assert_string_equal(seen.app, "");
	assert_int_equal(run(&admin, "t:set blog v"), 0);
	assert_string_equal(seen.app, "blog");
}

static void an_unknown_command_is_1_and_the_nearest_is_named(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:raed blog"), 1);
	assert_non_null(strstr(said.err.data, "'t:raed' is not a davit command"));
	assert_non_null(strstr(said.err.data, "did you mean 't:read'?"));
	assert_int_equal(run(&admin, "zzzzzzzzzzzz"), 1);
	assert_null(strstr(said.err.data, "did you mean"));
	assert_int_equal(run(&admin, "t:hiden"), 1);
	assert_null(strstr(said.err.data, "t:hidden"));
}

static void an_unknown_flag_is_2(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:read blog --nonsense"), 2);
	assert_non_null(strstr(said.err.data, "unknown flag: --nonsense"));
	assert_int_equal(run(&admin, "--nonsense t:read blog"), 2);
	assert_int_equal(seen.runs, 0);
}

static void an_error_says_its_cause_and_the_way_on(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:fails"), 1);
	assert_string_equal(said.err.data, " !     the cause\n !     the way on\n");
	assert_int_equal(run(&admin, "t:leaves"), 42);
	assert_int_equal(said.err.len, 0);
}

static void quiet_comes_from_the_line_or_from_above(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:host --quiet"), 0);
	assert_string_equal(said.out.data, "answer\n");
	assert_string_equal(getenv("DOKKU_QUIET_OUTPUT"), "1");
	assert_int_equal(run(&admin, "t:host"), 0);
	assert_string_equal(said.out.data, "answer\n");
	(void)unsetenv("DOKKU_QUIET_OUTPUT");
	(void)setenv("DOKKU_APPS_FORCE_DELETE", "1", 1);
	assert_int_equal(run(&admin, "t:host"), 0);
	assert_string_equal(said.out.data, "-----> progress\nanswer\n");
	assert_true(seen.force);
}

static void help_is_asked_of_any_command(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:write --help"), 0);
	assert_non_null(strstr(said.out.data, "Usage: t:write <app> <word>"));
	assert_int_equal(run(&admin, "t:help"), 0);
	assert_non_null(strstr(said.out.data, "t:write <app> <word>"));
	assert_null(strstr(said.out.data, "t:hidden"));
	assert_int_equal(seen.runs, 0);
}

static void an_app_without_rights_looks_absent(void **state)
{
	(void)state;
	assert_int_equal(run(&member, "t:read blog"), 20);
	grant("viewer");
	assert_int_equal(run(&member, "t:read blog"), 0);
	assert_int_equal(run(&member, "t:read shop"), 20);
	assert_int_equal(seen.runs, 1);
}

static void a_role_is_enough_or_named(void **state)
{
	(void)state;
	grant("viewer");
	assert_int_equal(run(&member, "t:write blog x"), 1);
	assert_non_null(strstr(said.err.data, "needs the role owner"));
	assert_non_null(strstr(said.err.data, "the key 'ann' has viewer"));
	grant("owner");
	assert_int_equal(run(&member, "t:write blog x"), 0);
	grant("nonsense");
	assert_int_equal(run(&member, "t:write blog x"), 20);
	assert_int_equal(run(&member, "t:set --global x"), 1);
	assert_int_equal(run(&member, "t:new other"), 1);
	assert_int_equal(seen.runs, 1);
}

static void what_lists_all_shows_what_the_caller_may_see(void **state)
{
	(void)state;
	assert_int_equal(run(&member, "t:all"), 0);
	assert_string_equal(said.out.data, "");
	grant("viewer");
	assert_int_equal(run(&member, "t:all"), 0);
	assert_string_equal(said.out.data, "blog\n");
	assert_int_equal(run(&admin, "t:all"), 0);
	assert_string_equal(said.out.data, "blog\nshop\n");
	assert_int_equal(run(&member, "t:all --global"), 1);
}

static void what_changes_all_changes_what_the_caller_owns(void **state)
{
	(void)state;
	grant("viewer");
	assert_int_equal(run(&member, "t:allow --all"), 0);
	assert_string_equal(said.out.data, "");
	assert_int_equal(run(&member, "t:allow blog"), 1);
	grant("owner");
	assert_int_equal(run(&member, "t:allow --all"), 0);
	assert_string_equal(said.out.data, "blog\n");
	assert_int_equal(run(&member, "t:allow --global"), 1);
}

static void root_rows_are_for_the_real_root(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:root"), 1);
	assert_non_null(strstr(said.err.data, "sudo davit t:root"));
	grant("root");
	assert_int_equal(run(&member, "t:root"), 1);
	assert_int_equal(seen.runs, 0);
	assert_int_equal(run(&root, "t:root"), 0);
	assert_int_equal(seen.runs, 1);
}

static int64_t events(const char *result)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	assert_int_equal(store_query(&st, &q, &err,
				     "SELECT count(*) FROM event WHERE result = ?1", "s",
				     result),
			 0);
	assert_int_equal(store_step(&st, q, &err), 0);
	return sqlite3_column_int64(q, 0);
}

static void what_changes_something_is_an_event(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:read blog"), 0);
	assert_int_equal(run(&admin, "t:quiet"), 0);
	assert_int_equal(events("ok"), 0);
	assert_int_equal(run(&admin, "t:write blog x"), 0);
	assert_int_equal(events("ok"), 1);
	assert_int_equal(run(&admin, "t:fails"), 1);
	assert_int_equal(events("failed"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_gets_its_words_and_its_app),
		TEST(the_app_flag_stands_for_the_first_word),
		TEST(a_missing_app_is_20_and_named),
		TEST(no_app_at_all_is_a_usage_error),
		TEST(words_are_counted_without_the_app),
		TEST(an_unknown_command_is_1_and_the_nearest_is_named),
		TEST(an_unknown_flag_is_2),
		TEST(an_error_says_its_cause_and_the_way_on),
		TEST(quiet_comes_from_the_line_or_from_above),
		TEST(help_is_asked_of_any_command),
		TEST(an_app_without_rights_looks_absent),
		TEST(a_role_is_enough_or_named),
		TEST(what_lists_all_shows_what_the_caller_may_see),
		TEST(what_changes_all_changes_what_the_caller_owns),
		TEST(root_rows_are_for_the_real_root),
		TEST(what_changes_something_is_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
