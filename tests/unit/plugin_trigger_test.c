/* SPDX-License-Identifier: MIT */
/* Triggers: C plugins and executable directories in one order, with one verdict. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>
#include <sys/stat.h>

#include "plugin/exec.h"
#include "plugin/plugin.h"
#include "test_capture.h"
#include "test_store.h"
#include "util/cleanup.h"
#include "util/clock.h"

static struct err err;
static struct capture said;
static char trace[256]; /* which handlers in C ran */

static int note(const struct plugin *self, struct trigger_call *call, struct err *e)
{
	(void)e;
	(void)snprintf(trace + strlen(trace), sizeof trace - strlen(trace), "%s ",
		       self->name);
	out_line(call->to, "%s", self->name);
	return 0;
}

static int declines(const struct plugin *self, struct trigger_call *call, struct err *e)
{
	(void)note(self, call, e);
	return TRIGGER_DECLINED;
}

static int answers(const struct plugin *self, struct trigger_call *call, struct err *e)
{
	(void)e;
	buf_addf(&call->out, "%s says\nmore\n", self->name);
	return 0;
}

static int refuses(const struct plugin *self, struct trigger_call *call, struct err *e)
{
	(void)note(self, call, e);
	return err_set(e, ERR_REFUSED, "not today");
}

static const struct plugin plugin_b = {
	.name = "40_b",
	.on = { [TRIGGER_POST_CREATE] = note,
		[TRIGGER_BUILDER_BUILD] = note,
		[TRIGGER_DOMAINS_LIST] = answers,
		[TRIGGER_NGINX_HOSTNAME] = answers,
		[TRIGGER_PRE_DELETE] = note },
};
static const struct plugin plugin_a = {
	.name = "05_a",
	.on = { [TRIGGER_POST_CREATE] = note,
		[TRIGGER_BUILDER_BUILD] = declines,
		[TRIGGER_DOMAINS_LIST] = answers,
		[TRIGGER_PRE_DELETE] = refuses },
};
static const struct plugin plugin_c = {
	.name = "50_c",
	.on = { [TRIGGER_BUILDER_BUILD] = note, [TRIGGER_POST_DELETE] = declines }
};

/* Not in the order of their names, on purpose. */
const struct plugin *const core_plugins[] = { &plugin_b, &plugin_a, &plugin_c };
const size_t core_plugins_count = 3;

static void plant(const char *name, const char *text, mode_t mode)
{
	AUTO_FREE char *path = paths_in(test_dir, "plugins/available/%s", name);

	assert_int_equal(fs_write_atomic(path, text, strlen(text), mode, &err), 0);
}

static void make_plugin(const char *name)
{
	AUTO_FREE char *dir = paths_in(test_dir, "plugins/available/%s", name);
	AUTO_FREE char *to = paths_in(test_dir, "plugins/enabled/%s", name);
	AUTO_FREE char *from = paths_in("../available", "%s", name);

	assert_int_equal(fs_mkdirs(dir, 0755, &err), 0);
	assert_int_equal(symlink(from, to), 0);
}

static int plant_all(void **state)
{
	AUTO_FREE char *enabled = NULL;

	(void)state;
	(void)snprintf(test_dir, sizeof test_dir, "/tmp/davit-unit.XXXXXX");
	assert_non_null(mkdtemp(test_dir));
	assert_int_equal(chmod(test_dir, 0755), 0);
	assert_int_equal(setenv("DAVIT_ROOT", test_dir, 1), 0);
	enabled = paths_in(test_dir, "plugins/enabled");
	assert_int_equal(fs_mkdirs(enabled, 0755, &err), 0);
	make_plugin("20_x");
	make_plugin("30_y");
	plant("20_x/post-create", "#!/bin/sh\necho 20_x; echo oops >&2\n", 0755);
	plant("30_y/post-create", "#!/bin/sh\necho \"30_y $*\"\n", 0755);
	plant("20_x/domains-list", "#!/bin/sh\necho x.example\necho note >&2\n", 0755);
	plant("20_x/nginx-hostname", "#!/bin/sh\necho first\necho second\n", 0755);
	plant("30_y/pre-build", "#!/bin/sh\necho why >&2; exit 3\n", 0755);
	plant("20_x/post-build", "#!/bin/sh\ncat\n", 0755);
	plant("20_x/app-list", "#!/bin/sh\nenv | sort\npwd\n", 0755);
	plant("20_x/receive-app", "#!/bin/sh\necho ran\n", 0755);
	plant("20_x/post-release-builder", "#!/bin/sh\nreadlink /proc/self/fd/3\n", 0755);
	plant("20_x/check-deploy", "#!/bin/sh\nsleep 30\n", 0755);
	plant("20_x/post-stop", "#!/bin/sh\necho ran\n", 0644);
	plant("20_x/notes", "not a trigger", 0644);
	return 0;
}

static int start(void **state)
{
	(void)state;
	trace[0] = '\0';
	return 0;
}

static int end(void **state)
{
	(void)state;
	exec_share(-1);
	capture_release(&said);
	return 0;
}

/* Fire with one word; what was said is in `said`. */
static int fire(enum trigger_id id)
{
	struct out out = { .quiet = false };
	int rc;

	capture_release(&said);
	capture_start(&said);
	rc = trigger(NULL, &out, &err, id, "blog", NULL);
	capture_end(&said);
	return rc;
}

static char *ask(enum trigger_id id)
{
	struct out out = { .quiet = false };
	char *answer = NULL;
	int rc;

	capture_release(&said);
	capture_start(&said);
	rc = trigger_ask(NULL, &out, &answer, &err, id, "blog", NULL);
	capture_end(&said);
	assert_true(rc >= 0);
	return answer;
}

static void both_kinds_run_in_the_order_of_their_names(void **state)
{
	(void)state;
	assert_int_equal(fire(TRIGGER_POST_CREATE), 0);
	assert_string_equal(said.out.data, "05_a\n20_x\n30_y blog\n40_b\n");
	assert_string_equal(said.err.data, "oops\n");
}

static void the_first_refusal_ends_it(void **state)
{
	(void)state;
	assert_int_equal(fire(TRIGGER_PRE_DELETE), -1);
	assert_string_equal(trace, "05_a ");
	assert_string_equal(err.text, "not today");
	assert_int_equal(err.kind, ERR_REFUSED);
}

static void a_hook_that_fails_is_named(void **state)
{
	(void)state;
	assert_int_equal(fire(TRIGGER_PRE_BUILD), -1);
	assert_string_equal(err.text, "plugin 30_y: pre-build: exited with status 3");
	assert_string_equal(said.err.data, "why\n");
}

static void the_first_who_does_not_decline_answers_for_all(void **state)
{
	(void)state;
	assert_int_equal(fire(TRIGGER_BUILDER_BUILD), 0);
	assert_string_equal(trace, "05_a 40_b ");
}

static void what_nobody_takes_is_declined(void **state)
{
	AUTO_FREE char *answer = NULL;

	(void)state;
	assert_int_equal(fire(TRIGGER_POST_DELETE), TRIGGER_DECLINED);
	assert_string_equal(trace, "50_c ");
	assert_int_equal(fire(TRIGGER_PRE_START), TRIGGER_DECLINED);
	answer = ask(TRIGGER_GIT_DEPLOY_BRANCH);
	assert_string_equal(answer, "");
}

static void a_text_is_what_all_have_printed(void **state)
{
	AUTO_FREE char *answer = ask(TRIGGER_DOMAINS_LIST);

	(void)state;
	assert_string_equal(answer, "05_a says\nmore\nx.example\n40_b says\nmore");
	assert_string_equal(said.out.data, "");
	assert_string_equal(said.err.data, "note\n");
}

static void a_first_line_is_the_first_ones(void **state)
{
	AUTO_FREE char *answer = ask(TRIGGER_NGINX_HOSTNAME);

	(void)state;
	assert_string_equal(answer, "first");
}

static void a_hook_reads_what_the_call_brings(void **state)
{
	struct out out = { .quiet = false };
	struct trigger_call call = { .id = TRIGGER_POST_BUILD,
				     .argv = (const char *const[]){ "x", NULL },
				     .to = &out,
				     .in = BUF_INIT,
				     .out = BUF_INIT };

	(void)state;
	buf_adds(&call.in, "one\ntwo\n");
	capture_start(&said);
	assert_int_equal(trigger_fire(&call, &err), 0);
	capture_end(&said);
	assert_string_equal(said.out.data, "one\ntwo\n");
	buf_release(&call.in);
}

static void a_hook_gets_the_promised_environment_and_no_other(void **state)
{
	static const struct {
		const char *name;
		const char *below;
	} promised[] = {
		{ "PLUGIN_PATH", "/plugins" },
		{ "PLUGIN_AVAILABLE_PATH", "/plugins/available" },
		{ "PLUGIN_ENABLED_PATH", "/plugins/enabled" },
		{ "DOKKU_LIB_ROOT", "" },
		{ "DAVIT_ROOT", "" },
	};
	static const char *const also[] = { "\nDOKKU_ROOT=",
					    "\nDOKKU_PID=",
					    "\nPLUGIN_CORE_AVAILABLE_PATH=",
					    "\nPATH=/usr/local",
					    "\nLC_ALL=C.UTF-8\n",
					    "\nDOKKU_NOT_IMPLEMENTED_EXIT=10\n",
					    "\nHOME=/",
					    "\nDOKKU_TRACE=1\n",
					    "\nDOKKU_BUILD_ID=77\n" };
	AUTO_FREE char *answer = NULL;
	char line[256];

	(void)state;
	(void)setenv("SECRET", "leaked", 1);
	(void)setenv("LD_PRELOAD_X", "leaked", 1);
	(void)setenv("DOKKU_TRACE", "1", 1);
	(void)setenv("DOKKU_BUILD_ID", "77", 1);
	answer = ask(TRIGGER_APP_LIST);
	(void)unsetenv("DOKKU_TRACE");
	(void)unsetenv("DOKKU_BUILD_ID");
	for (size_t i = 0; i < sizeof promised / sizeof *promised; i++) {
		(void)snprintf(line, sizeof line, "%s=%s%s\n", promised[i].name, test_dir,
			       promised[i].below);
		if (!strstr(answer, line))
			fail_msg("no %s in:\n%s", line, answer);
	}
	for (size_t i = 0; i < sizeof also / sizeof *also; i++)
		if (!strstr(answer, also[i]))
			fail_msg("no %s in:\n%s", also[i], answer);
	assert_null(strstr(answer, "leaked"));
	(void)snprintf(line, sizeof line, "\n%s/plugins/available/20_x", test_dir);
	assert_non_null(strstr(answer, line));
}

/* Change the mode of a file or directory below plugins/, look, and change it back. */
static void not_run_when(const char *name, mode_t bad, mode_t good)
{
	AUTO_FREE char *path = paths_in(test_dir, "plugins/%s", name);

	assert_int_equal(chmod(path, bad), 0);
	assert_int_equal(fire(TRIGGER_RECEIVE_APP), -1);
	assert_int_equal(chmod(path, good), 0);
	assert_non_null(strstr(err.text, "others than root could change"));
	assert_non_null(strstr(err.hint, "chmod go-w"));
	assert_string_equal(said.out.data, "");
	assert_int_equal(fire(TRIGGER_RECEIVE_APP), 0);
	assert_string_equal(said.out.data, "ran\n");
}

static void code_that_others_could_change_is_not_run(void **state)
{
	(void)state;
	not_run_when("available/20_x/receive-app", 0775, 0755);
	not_run_when("available/20_x/receive-app", 0757, 0755);
	not_run_when("available/20_x", 0777, 0755);
	not_run_when("available", 0775, 0755);
}

static void code_that_belongs_to_others_is_not_run(void **state)
{
	AUTO_FREE char *path = paths_in(test_dir, "plugins/available/20_x/receive-app");

	(void)state;
	if (geteuid() != 0) { /* nobody else can give files away */
		assert_int_equal(fire(TRIGGER_RECEIVE_APP), 0);
		return;
	}
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(fire(TRIGGER_RECEIVE_APP), -1);
	assert_string_equal(said.out.data, "");
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(fire(TRIGGER_RECEIVE_APP), 0);
}

static void only_a_program_listens(void **state)
{
	AUTO_FREE char *dir = paths_in(test_dir,
				       "plugins/available/20_x/post-config-update");

	(void)state;
	assert_int_equal(fire(TRIGGER_POST_STOP), TRIGGER_DECLINED);
	assert_false(trigger_has_third_party(TRIGGER_POST_STOP));
	assert_true(trigger_has_third_party(TRIGGER_POST_CREATE));
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_false(trigger_has_third_party(TRIGGER_POST_CONFIG_UPDATE));
	assert_int_equal(fire(TRIGGER_POST_CONFIG_UPDATE), TRIGGER_DECLINED);
}

static void a_hook_inherits_the_lock_of_its_deploy(void **state)
{
	AUTO_FREE char *lock = paths_in(test_dir, "lock");
	AUTO_CLOSE int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	exec_share(fd);
	assert_int_equal(fire(TRIGGER_POST_RELEASE_BUILDER), 0);
	buf_chomp(&said.out);
	assert_string_equal(said.out.data, lock);
	exec_share(-1);
	assert_int_equal(fire(TRIGGER_POST_RELEASE_BUILDER), -1);
}

static void a_client_that_goes_ends_the_hook(void **state)
{
	struct out out = { .quiet = false };
	struct trigger_call call = { .id = TRIGGER_CHECK_DEPLOY,
				     .argv = (const char *const[]){ "x", NULL },
				     .to = &out,
				     .in = BUF_INIT,
				     .out = BUF_INIT };
	int64_t before = clock_ms();
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(close(fd[1]), 0);
	call.cancel_fd = fd[0];
	assert_int_equal(trigger_fire(&call, &err), -1);
	assert_non_null(strstr(err.text, "cancelled"));
	assert_true(clock_ms() - before < 5000);
	(void)close(fd[0]);
}

static void trace_shows_who_was_called_and_how_it_ended(void **state)
{
	struct out out = { .trace = true };

	(void)state;
	capture_start(&said);
	assert_int_equal(trigger(NULL, &out, &err, TRIGGER_POST_CREATE, "blog", NULL), 0);
	capture_end(&said);
	assert_non_null(strstr(said.err.data, " ?     30_y: post-create blog: ok in "));
}

static void every_trigger_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TRIGGER__COUNT; i++) {
		const char *name = trigger_name((enum trigger_id)i);

		assert_int_equal(trigger_by_name(name), i);
		assert_non_null(trigger_words((enum trigger_id)i));
		assert_true(trigger_summary((enum trigger_id)i)[0] != '\0');
	}
	assert_int_equal(trigger_by_name("no-such-trigger"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_kinds_run_in_the_order_of_their_names),
		TEST(the_first_refusal_ends_it),
		TEST(a_hook_that_fails_is_named),
		TEST(the_first_who_does_not_decline_answers_for_all),
		TEST(what_nobody_takes_is_declined),
		TEST(a_text_is_what_all_have_printed),
		TEST(a_first_line_is_the_first_ones),
		TEST(a_hook_reads_what_the_call_brings),
		TEST(a_hook_gets_the_promised_environment_and_no_other),
		TEST(code_that_others_could_change_is_not_run),
		TEST(code_that_belongs_to_others_is_not_run),
		TEST(only_a_program_listens),
		TEST(a_hook_inherits_the_lock_of_its_deploy),
		TEST(a_client_that_goes_ends_the_hook),
		TEST(trace_shows_who_was_called_and_how_it_ended),
		TEST(every_trigger_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, plant_all, test_store_remove);
}
