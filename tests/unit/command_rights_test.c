/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: every row of the real command table, by every kind of caller, on an app
 * with and without a rule, through the real dispatcher.  Only the functions behind the rows
 * are replaced, by one that counts.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <unistd.h>

#include "command/command.h"
#include "command/dispatch.h"
#include "command/rights.h"
#include "plugin/plugin.h"
#include "plugins/git/git.h"
#include "plugins/plugins.h"
#include "store/property.h"
#include "test_capture.h"
#include "test_store.h"
#include "util/cleanup.h"

enum { ROWS_MAX = 100, WORDS_MAX = 12 };

/* Plugins with the real rows and other functions. */
#define COPY(name)    static struct plugin copy_##name;
#define ADDRESS(name) &copy_##name,
#define REAL(name)    &plugin_##name,
CORE_PLUGINS(COPY)
const struct plugin *const core_plugins[] = { CORE_PLUGINS(ADDRESS) };
const size_t core_plugins_count = sizeof core_plugins / sizeof *core_plugins;
static struct plugin *const copies[] = { CORE_PLUGINS(ADDRESS) };
static const struct plugin *const reals[] = { CORE_PLUGINS(REAL) };
static struct command rows[sizeof copies / sizeof *copies][ROWS_MAX];

static struct store st;
static struct app blog;
static struct app shop;
static struct err err;
static struct capture said;

enum outcome { REFUSED = 1, RUNS = 0, ABSENT = 20 };

static int runs;
static char taken[64]; /* the apps that a command on all would take */

static int count(struct request *req, struct err *e)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO_FREE char *all = NULL;

	if (req->command->scope == SCOPE_REPO && !req->global &&
	    rights_find_app(req, req->argv[0], e) < 0)
		return -1;
	runs++;
	taken[0] = '\0';
	if (req->command->scope != SCOPE_APP_OR_ALL || req->app.id)
		return 0;
	if (request_apps(req, &names, e) < 0)
		return -1;
	all = strv_join(&names, " ");
	(void)snprintf(taken, sizeof taken, "%s", all);
	return 0;
}

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < core_plugins_count; i++) {
		size_t n = 0;

		for (const struct command *c = reals[i]->commands; c && c->name; c++) {
			assert_true(n + 1 < ROWS_MAX);
			rows[i][n] = *c;
			rows[i][n].needs |= QUIET_EVENT; /* no fsync per run */
			rows[i][n++].run = count;
		}
		*copies[i] = (struct plugin){ .name = reals[i]->name,
					      .summary = reals[i]->summary,
					      .commands = rows[i] };
	}
	st = (struct store)STORE_INIT;
	test_store_open(&st);
	assert_int_equal(chdir(test_dir), 0); /* some rows make the file they are given */
	test_app(&st, "blog", &blog);
	test_app(&st, "shop", &shop);
	return 0;
}

static int end(void **state)
{
	store_close(&st);
	return test_store_remove(state);
}

/* A kind of caller: what the host gives him, and his rule over blog. */
struct kind {
	const char *what;
	struct caller who;
	const char *rule;
	enum role over;   /* what that rule gives */
	const char *only; /* the commands of the rule, or "" */
};

#define MEMBER                                                  \
	{                                                       \
		.name = "ann", .role = ROLE_ANYONE, .ssh = true \
	}
static const struct kind kinds[] = {
	{ "no rule", MEMBER, NULL, ROLE_NONE, "" },
	{ "viewer", MEMBER, "viewer", ROLE_VIEWER, "" },
	{ "deployer", MEMBER, "deployer", ROLE_DEPLOYER, "" },
	{ "owner", MEMBER, "owner", ROLE_OWNER, "" },
	{ "a rule that makes an admin", MEMBER, "admin", ROLE_NONE, "" },
	{ "a rule of nonsense", MEMBER, "owner or so", ROLE_NONE, "" },
	{ "owner, outlived", MEMBER, "owner until=2001-01-01", ROLE_NONE, "" },
	{ "owner, for long", MEMBER, "owner until=2999-01-01", ROLE_OWNER, "" },
	{ "owner, read-only", MEMBER, "owner read-only", ROLE_VIEWER, "" },
	{ "owner, two commands", MEMBER, "owner only=logs,git-receive-pack", ROLE_OWNER,
	  "logs,git-receive-pack" },
	{ "owner, read-only key",
	  { .name = "ann", .role = ROLE_ANYONE, .ssh = true, .read_only = true },
	  "owner",
	  ROLE_VIEWER,
	  "" },
	{ "owner, key for one command",
	  { .name = "ann", .role = ROLE_ANYONE, .ssh = true, .only = "ps:restart" },
	  "owner",
	  ROLE_OWNER,
	  "" },
	{ "viewer of the host",
	  { .name = "ann", .role = ROLE_VIEWER, .ssh = true, .read_only = true },
	  NULL,
	  ROLE_NONE,
	  "" },
	{ "admin",
	  { .name = "ann", .role = ROLE_ADMIN, .ssh = true },
	  NULL,
	  ROLE_NONE,
	  "" },
	{ "admin for one command",
	  { .name = "ann", .role = ROLE_ADMIN, .ssh = true, .only = "apps:create" },
	  NULL,
	  ROLE_NONE,
	  "" },
	{ "a hook",
	  { .name = "ann", .role = ROLE_ADMIN, .ssh = true, .hook = true },
	  NULL,
	  ROLE_NONE,
	  "" },
	{ "user davit", { .name = "davit", .role = ROLE_ADMIN }, NULL, ROLE_NONE, "" },
	{ "root",
	  { .name = "root", .role = ROLE_ROOT, .root = true },
	  NULL,
	  ROLE_NONE,
	  "" },
};

static bool among(const char *list, const struct command *c)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	strv_split(&names, list, ",");
	return names.len == 0 || strv_find(&names, c->name) >= 0 ||
	       (c->step_of && strv_find(&names, c->step_of) >= 0);
}

/* What the row says, in words of its own. */
static enum outcome expect_host(const struct command *c, const struct kind *k)
{
	bool help = c->role == ROLE_ANYONE && c->needs & NEEDS_NO_STORE &&
		    !(c->needs & (NEEDS_ROOT | HIDDEN));

	if (c->role == ROLE_ROOT)
		return k->who.root ? RUNS : REFUSED;
	if (c->needs & ON_HOST && k->who.ssh && !k->who.hook)
		return REFUSED;
	if (!among(k->who.only, c) && !help)
		return REFUSED;
	return k->who.role >= c->role ? RUNS : REFUSED;
}

static enum outcome expect_app(const struct command *c, const struct kind *k, bool own)
{
	enum role over = k->who.role >= ROLE_VIEWER ? k->who.role
			 : own                      ? k->over
						    : ROLE_NONE;

	/* Whose key is not for git at all is told so before any app is looked for. */
	if (c->scope == SCOPE_REPO && !among(k->who.only, c))
		return REFUSED;
	if (over < ROLE_VIEWER)
		return ABSENT;
	if (!among(k->who.only, c))
		return REFUSED;
	if (over < c->role)
		return REFUSED;
	return k->who.role >= ROLE_VIEWER || among(k->only, c) ? RUNS : REFUSED;
}

/* Run the row with the fewest words it takes, on `first`: an app, a flag, or nothing. */
static enum outcome run(const struct command *c, const struct kind *k, const char *first)
{
	struct caller who = k->who;
	const char *words[WORDS_MAX] = { c->name };
	int n = 1;
	int status;

	if (first)
		words[n++] = first;
	assert_true(c->args.min + 3 < WORDS_MAX);
	for (int i = 0; i < c->args.min; i++)
		words[n++] = "x";
	capture_release(&said);
	runs = 0;
	(void)unsetenv("DOKKU_APPS_FORCE_DELETE");
	capture_start(&said);
	status = dispatch(&who, words, NULL);
	capture_end(&said);
	if ((status == 0) != (runs == 1))
		fail_msg("%s by %s: status %d, and ran %d times", c->name, k->what,
			 status, runs);
	return (enum outcome)status;
}

static void check(const struct command *c, const struct kind *k, const char *first,
		  enum outcome want)
{
	enum outcome got = run(c, k, first);

	if (got != want)
		fail_msg("%s %s by %s: expected %d, got %d: %s", c->name,
			 first ? first : "", k->what, (int)want, (int)got,
			 said.err.len ? said.err.data : "");
	if (got != RUNS && !said.err.len)
		fail_msg("%s by %s: refused without a word", c->name, k->what);
}

static void check_row(const struct command *c, const struct kind *k)
{
	const char *mine = k->who.role >= ROLE_VIEWER ? "blog shop" : "blog";

	switch (c->scope) {
	case SCOPE_HOST: check(c, k, NULL, expect_host(c, k)); return;
	case SCOPE_NEW_APP: check(c, k, "x", expect_host(c, k)); return;
	case SCOPE_APP_OR_GLOBAL: check(c, k, "--global", expect_host(c, k)); break;
	case SCOPE_APP_OR_ALL:
		if (c->flags && strstr(c->flags, "global"))
			check(c, k, "--global", expect_host(c, k));
		check(c, k, NULL, among(k->who.only, c) ? RUNS : REFUSED);
		if (runs)
			assert_string_equal(taken,
					    expect_app(c, k, true) == RUNS ? mine : "");
		break;
	case SCOPE_REPO:
		if (c->flags && strstr(c->flags, "global"))
			check(c, k, "--global", expect_host(c, k));
		break;
	case SCOPE_APP: break;
	}
	check(c, k, "blog", expect_app(c, k, true));
	check(c, k, "shop", expect_app(c, k, false));
}

static void every_row_is_decided_by_its_rule(void **state)
{
	const struct command *c;
	size_t checked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t at = 0;

		assert_int_equal(property_unset(&st, blog.id, "access", "ann", &err), 0);
		if (kinds[i].rule)
			assert_int_equal(property_set(&st, blog.id, "access", "ann",
						      kinds[i].rule, &err),
					 0);
		while ((c = command_next(&at)) != NULL) {
			check_row(c, &kinds[i]);
			checked++;
		}
	}
	print_message("%zu rows by %zu kinds of callers\n",
		      checked / (sizeof kinds / sizeof *kinds),
		      sizeof kinds / sizeof *kinds);
	assert_true(checked > 100);
}

/* Rules are opened by giving, never by taking the last one away. */
static void without_the_last_rule_nothing_is_open(void **state)
{
	const struct kind none = { "no rule", MEMBER, NULL, ROLE_NONE, "" };
	const struct command *c;
	size_t at = 0;

	(void)state;
	assert_int_equal(property_set(&st, blog.id, "access", "ann", "owner", &err), 0);
	assert_int_equal(property_unset(&st, blog.id, "access", "ann", &err), 0);
	while ((c = command_next(&at)) != NULL)
		if (c->scope == SCOPE_APP)
			check(c, &none, "blog", ABSENT);
}

static void every_row_has_its_own_name_and_a_rule(void **state)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	const struct command *c;
	size_t at = 0;

	(void)state;
	while ((c = command_next(&at)) != NULL) {
		if (strv_find(&names, c->name) >= 0)
			fail_msg("there are two rows of %s", c->name);
		strv_add(&names, c->name);
		assert_in_range(c->role, ROLE_ANYONE, ROLE_ROOT);
		assert_in_range(c->scope, SCOPE_HOST, SCOPE_REPO);
		if (c->step_of)
			assert_non_null(command_find(c->step_of));
		/* Root's store would be anybody's whom user davit lets in. */
		if (c->needs & NEEDS_ROOT)
			assert_true(c->needs & NEEDS_NO_STORE);
	}
}

/* --- texts of grants --------------------------------------------------------------------- */

static void a_grant_is_read_as_it_is_written(void **state)
{
	static const char *const texts[] = {
		"viewer", "owner read-only", "deployer only=logs until=2027-01-31",
		"admin read-only only=apps:list,ps:report until=2030-12-31"
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		struct grant g;

		assert_int_equal(grant_parse(texts[i], &g, &err), 0);
		grant_text(&g, &text);
		assert_string_equal(text.data, texts[i]);
	}
}

static void a_grant_that_cannot_be_read_gives_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"king",
		"ownerx",
		"owner x",
		"owner only=",
		"owner only=a;b",
		"owner until=tomorrow",
		"owner until=2027-02-31",
		"owner until=2027-1-31",
		"owner until=",
		"owner until=0000-00-00",
		"owner read-onlyx",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct grant g = { .role = ROLE_OWNER };

		if (grant_parse(texts[i], &g, &err) == 0)
			fail_msg("'%s' was read", texts[i]);
		assert_int_equal(g.role, ROLE_NONE);
	}
}

static void commands_of_a_grant_have_to_be_there(void **state)
{
	struct grant g = { .role = ROLE_OWNER };

	(void)state;
	assert_int_equal(grant_add_command(&g, "ps:restrat", &err), -1);
	assert_non_null(strstr(err.hint, "ps:restart"));
	assert_int_equal(grant_add_command(&g, "ps:restart", &err), 0);
	assert_int_equal(grant_add_command(&g, "logs", &err), 0);
	assert_int_equal(grant_add_command(&g, "logs", &err), 0);
	assert_string_equal(g.only, "ps:restart,logs");
	assert_true(grant_holds(g.only, command_find("logs")));
	assert_false(grant_holds(g.only, command_find("ps:stop")));
	assert_true(grant_holds("git-receive-pack", command_find("git-hook")));
	assert_false(grant_holds("logs", command_find("nginx:access-logs")));
}

static void a_day_ends_a_grant(void **state)
{
	struct grant g = { .role = ROLE_OWNER };

	(void)state;
	assert_int_equal(grant_set_day(&g, "2027-01-31", &err), 0);
	assert_int_equal(g.until, 1801353600);
	assert_int_equal(grant_role(&g, g.until - 1), ROLE_OWNER);
	assert_int_equal(grant_role(&g, g.until), ROLE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_decided_by_its_rule),
		cmocka_unit_test(without_the_last_rule_nothing_is_open),
		cmocka_unit_test(every_row_has_its_own_name_and_a_rule),
		cmocka_unit_test(a_grant_is_read_as_it_is_written),
		cmocka_unit_test(a_grant_that_cannot_be_read_gives_nothing),
		cmocka_unit_test(commands_of_a_grant_have_to_be_there),
		cmocka_unit_test(a_day_ends_a_grant),
	};

	return cmocka_run_group_tests(tests, start, end);
}
