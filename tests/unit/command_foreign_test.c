/* SPDX-License-Identifier: MIT */
/* Commands of third-party plugins, and what plugins have to say about all commands. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "command/command.h"
#include "command/dispatch.h"
#include "plugin/plugin.h"
#include "test_capture.h"
#include "test_store.h"
#include "util/cleanup.h"

static int see(struct request *req, struct err *err)
{
	(void)err;
	out_line(req->out, "%s", req->app.name);
	return 0;
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
	COMMAND("t:read", ROLE_VIEWER, SCOPE_APP, see, "x", .args = { 0, 0 }),
	COMMAND("t:all", ROLE_VIEWER, SCOPE_APP_OR_ALL, lists, "x", .flags = "global all",
		.args = { 0, 0 }),
	COMMANDS_END,
};

static const struct plugin plugin_t = { .name = "t", .commands = commands };
const struct plugin *const core_plugins[] = { &plugin_t };
const size_t core_plugins_count = 1;

static struct store st;
static struct err err;
static struct capture said;
static struct caller admin = { .name = "boss", .role = ROLE_ADMIN };
static struct caller member = { .name = "ann", .role = ROLE_ANYONE, .ssh = true };

static int start(void **state)
{
	struct app app;

	(void)state;
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	test_app(&st, "blog", &app);
	test_app(&st, "shop", &app);
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

static void plant(const char *name, const char *text)
{
	AUTO_FREE char *path = paths_in(paths_root(), "plugins/enabled/%s", name);

	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0755, &err), 0);
}

static int plant_plugins(void **state)
{
	AUTO_FREE char *greet = NULL;
	AUTO_FREE char *gate = NULL;

	(void)state;
	assert_int_equal(start(state), 0);
	greet = paths_in(paths_root(), "plugins/enabled/greet/subcommands/empty");
	gate = paths_in(paths_root(), "plugins/enabled/gate");
	assert_int_equal(fs_mkdirs(greet, 0755, &err), 0);
	assert_int_equal(fs_mkdirs(gate, 0755, &err), 0);
	plant("greet/subcommands/hello", "#!/bin/sh\necho \"hello $*\"; exit 7\n");
	plant("greet/subcommands/default",
	      "#!/bin/sh\necho \"default $DOKKU_APP_NAME\"\n");
	plant("greet/commands", "#!/bin/sh\n[ \"$1\" = odd ] && { echo odd; exit 0; }\n"
				"exit $DOKKU_NOT_IMPLEMENTED_EXIT\n");
	plant("gate/user-auth", "#!/bin/sh\n[ \"$2 $3\" != 'boss greet:hello' ] || "
				"[ \"$4\" != denied ]\n");
	plant("gate/user-auth-app", "#!/bin/sh\nshift 2\nfor a; do [ $a = shop ] || echo "
				    "$a; done\n");
	return end(state);
}

static void a_plugins_command_runs_with_all_its_words(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "greet:hello a --b"), 7);
	assert_string_equal(said.out.data, "hello greet:hello a --b\n");
	assert_int_equal(run(&admin, "--app blog greet"), 0);
	assert_string_equal(said.out.data, "default blog\n");
	assert_int_equal(run(&admin, "odd"), 0);
	assert_string_equal(said.out.data, "odd\n");
	assert_int_equal(run(&admin, "even"), 1);
	assert_non_null(strstr(said.err.data, "not a davit command"));
	assert_int_equal(run(&admin, "greet:empty"), 1);
	assert_int_equal(run(&admin, "greet:"), 1);
	assert_int_equal(run(&admin, "greet:../commands"), 1);
}

static void a_plugins_command_is_for_admins(void **state)
{
	(void)state;
	assert_int_equal(run(&member, "greet:hello"), 1);
	assert_non_null(strstr(said.err.data, "not a davit command"));
	assert_string_equal(said.out.data, "");
}

static void a_plugin_may_deny_any_command(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "greet:hello denied"), 1);
	assert_non_null(strstr(said.err.data, "Access denied"));
	assert_string_equal(said.out.data, "");
}

static void a_plugin_may_hide_apps(void **state)
{
	(void)state;
	assert_int_equal(run(&admin, "t:all"), 0);
	assert_string_equal(said.out.data, "blog\n");
	assert_int_equal(run(&admin, "t:read shop"), 20);
	assert_int_equal(run(&admin, "t:read blog"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_plugins_command_runs_with_all_its_words),
		TEST(a_plugins_command_is_for_admins),
		TEST(a_plugin_may_deny_any_command),
		TEST(a_plugin_may_hide_apps),
	};

	return cmocka_run_group_tests(tests, plant_plugins, test_store_remove);
}
