/* SPDX-License-Identifier: MIT */
/* Words of a command line against the flags of a row. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "command/flags.h"
#include "util/cleanup.h"

static struct err err;

static const struct command host = COMMAND("x:host", ROLE_ANYONE, SCOPE_HOST, NULL, "x",
					   .usage = "");
static const struct command set = COMMAND("x:set", ROLE_OWNER, SCOPE_APP, NULL, "x",
					  .flags = "no-restart format=/f num=/n tail/t");
static const struct command report = COMMAND("x:report", ROLE_VIEWER, SCOPE_APP_OR_ALL,
					     NULL, "x", .flags = "format= global all *");
static const struct command run = COMMAND("run", ROLE_OWNER, SCOPE_APP, NULL, "x",
					  .flags = "detach/d env=/e",
					  .needs = KEEPS_WORDS);

struct parsed {
	struct request req;
	struct global_flags g;
	char *text; /* "words | flags" */
	int rc;
};

static void parsed_release(struct parsed *p)
{
	strv_release(&p->req.words);
	strv_release(&p->req.flags);
	free(p->text);
}

/* The line's words as they stand after the command's name, separated by single blanks. */
static void parse(struct parsed *p, const struct command *c, const char *line)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO_FREE char *w = NULL;
	AUTO_FREE char *f = NULL;

	*p = (struct parsed){
		.req = { .command = c, .words = STRV_INIT, .flags = STRV_INIT }
	};
	strv_split(&words, line, " ");
	p->rc = flags_parse(&p->req, strv_const(&words), &p->g, &err);
	w = strv_join(&p->req.words, " ");
	f = strv_join(&p->req.flags, " ");
	assert_true(asprintf(&p->text, "%s | %s", w, f) >= 0);
	if (p->g.app) /* it pointed into words */
		p->g.app = strcmp(p->g.app, "blog") == 0 ? "blog" : "?";
}

static void gives(const struct command *c, const char *line, const char *want)
{
	AUTO(parsed_release) struct parsed p;

	parse(&p, c, line);
	if (p.rc < 0)
		fail_msg("'%s': %s", line, err.text);
	assert_string_equal(p.text, want);
}

static void refuses(const struct command *c, const char *line, enum err_kind kind,
		    const char *why)
{
	AUTO(parsed_release) struct parsed p;

	parse(&p, c, line);
	if (p.rc == 0)
		fail_msg("'%s' was accepted: %s", line, p.text);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.text, why))
		fail_msg("'%s' was refused for another reason: %s", line, err.text);
}

static void flags_stand_anywhere(void **state)
{
	(void)state;
	gives(&set, "blog A=1 --no-restart B=2", "blog A=1 B=2 | no-restart");
	gives(&set, "--no-restart blog", "blog | no-restart");
	gives(&set, "blog --format json", "blog | format=json");
	gives(&set, "blog --format=json", "blog | format=json");
	gives(&set, "blog --format=", "blog | format=");
	gives(&set, "blog --format --no-restart", "blog | format=--no-restart");
}

static void short_flags_are_their_long_ones(void **state)
{
	(void)state;
	gives(&set, "blog -n 5 -t", "blog | num=5 tail");
	gives(&set, "blog -n5", "blog | num=5");
	gives(&set, "blog -n=5", "blog | num==5");
	gives(&set, "blog -", "blog - | ");
}

static void the_last_value_counts_and_all_are_kept(void **state)
{
	AUTO(parsed_release) struct parsed p;
	AUTO(strv_release) struct strv all = STRV_INIT;

	(void)state;
	parse(&p, &set, "blog --num 1 --num=2");
	assert_string_equal(request_value(&p.req, "num"), "2");
	request_values(&p.req, "num", &all);
	assert_int_equal(all.len, 2);
	assert_null(request_value(&p.req, "nu"));
	assert_null(request_value(&p.req, "format"));
	assert_false(request_flag(&p.req, "num"));
}

static void what_is_no_flag_of_the_row_is_refused(void **state)
{
	(void)state;
	refuses(&set, "blog --nonsense", ERR_FLAG, "unknown flag: --nonsense");
	assert_non_null(strstr(err.hint, "--no-restart"));
	refuses(&set, "blog --no", ERR_FLAG, "unknown flag");
	refuses(&set, "blog --no-restarts", ERR_FLAG, "unknown flag");
	refuses(&set, "blog -x", ERR_FLAG, "unknown flag: -x");
	refuses(&set, "blog --no-restart=1", ERR_FLAG, "takes no value");
	refuses(&set, "blog --num", ERR_FLAG, "needs an argument");
	refuses(&host, "--x", ERR_FLAG, "unknown flag");
	assert_non_null(strstr(err.hint, "no flags of its own"));
	assert_int_equal(err_exit_status(&err), 2);
}

static void a_report_takes_flags_that_no_row_lists(void **state)
{
	(void)state;
	gives(&report, "blog --app-created-at", "blog | app-created-at");
	gives(&report, "--global", " | global");
	refuses(&report, "blog -x", ERR_FLAG, "unknown flag");
}

static void global_flags_work_in_every_place(void **state)
{
	AUTO(parsed_release) struct parsed p;

	(void)state;
	parse(&p, &set, "--quiet blog --trace --force --help");
	assert_int_equal(p.rc, 0);
	assert_true(p.g.quiet && p.g.trace && p.g.force && p.g.help);
	assert_string_equal(p.text, "blog | ");
}

static void the_app_may_be_given_as_a_flag(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(parsed_release) struct parsed p;

		parse(&p, &set, i ? "--app=blog A=1" : "A=1 --app blog");
		assert_int_equal(p.rc, 0);
		assert_string_equal(p.g.app, "blog");
		assert_string_equal(p.text, "A=1 | ");
	}
	refuses(&set, "A=1 --app", ERR_USAGE, "--app needs");
}

static void after_two_dashes_nothing_is_a_flag(void **state)
{
	(void)state;
	gives(&set, "blog -- --no-restart -x", "blog --no-restart -x | ");
	gives(&set, "-- blog -- x", "blog -- x | ");
}

static void words_of_another_program_are_left_to_it(void **state)
{
	(void)state;
	gives(&run, "blog ls -l --quiet --app x", "blog ls -l --quiet --app x | ");
	gives(&run, "-d blog --env A=1 ls -d", "blog ls -d | detach env=A=1");
	gives(&run, "blog -- -d", "blog -d | ");
	gives(&run, "--app blog ls -d", "ls -d | ");
	refuses(&run, "blog -x ls", ERR_FLAG, "unknown flag");
}

static void leading_flags_are_the_global_ones(void **state)
{
	struct global_flags g = { .quiet = false };
	static const char *const words[] = { "--quiet",   "--app",   "blog", "--trace",
					     "apps:list", "--force", NULL };
	static const char *const wrong[] = { "--nonsense", NULL };
	static const char *const version[] = { "-v", NULL };
	static const char *const lonely[] = { "--app", NULL };

	(void)state;
	assert_int_equal(flags_leading(words, &g, &err), 4);
	assert_true(g.quiet && g.trace && !g.force);
	assert_string_equal(g.app, "blog");
	assert_int_equal(flags_leading(wrong, &g, &err), -1);
	assert_int_equal(err.kind, ERR_FLAG);
	assert_int_equal(flags_leading(version, &g, &err), 1);
	assert_true(g.version);
	assert_int_equal(flags_leading(lonely, &g, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_stand_anywhere),
		cmocka_unit_test(short_flags_are_their_long_ones),
		cmocka_unit_test(the_last_value_counts_and_all_are_kept),
		cmocka_unit_test(what_is_no_flag_of_the_row_is_refused),
		cmocka_unit_test(a_report_takes_flags_that_no_row_lists),
		cmocka_unit_test(global_flags_work_in_every_place),
		cmocka_unit_test(the_app_may_be_given_as_a_flag),
		cmocka_unit_test(after_two_dashes_nothing_is_a_flag),
		cmocka_unit_test(words_of_another_program_are_left_to_it),
		cmocka_unit_test(leading_flags_are_the_global_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
