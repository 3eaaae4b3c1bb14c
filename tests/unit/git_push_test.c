/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "plugins/git/git.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define A    "1111111111111111111111111111111111111111"
#define B    "2222222222222222222222222222222222222222"
#define ZERO "0000000000000000000000000000000000000000"

static int parse(struct push *p, const char *text, size_t len)
{
	AUTO(buf_release) struct buf copy = BUF_INIT;
	struct err err;

	buf_add(&copy, text, len);
	return push_parse(p, copy.data, copy.len, &err);
}

static void lines_of_pre_receive_are_read(void **state)
{
	AUTO(push_release) struct push p = PUSH_INIT;
	const char *text = ZERO " " A " refs/heads/main\n" A " " ZERO
				" refs/heads/old branch\n";

	(void)state;
	assert_int_equal(parse(&p, text, strlen(text)), 0);
	assert_int_equal(p.len, 2);
	assert_string_equal(p.v[0].from, ZERO);
	assert_string_equal(p.v[0].to, A);
	assert_string_equal(p.v[0].ref, "refs/heads/main");
	assert_false(push_deletes(&p.v[0]));
	assert_true(push_deletes(&p.v[1]));
}

static void what_is_no_line_of_pre_receive_is_refused(void **state)
{
	static const char *const bad[] = {
		"x",
		"\n",
		A " " B "\n",
		A " " B " HEAD\n",
		A "  " B " refs/heads/main\n",
		A " 22 refs/heads/main\n",
		A " " B " refs/heads/main", /* no newline */
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		AUTO(push_release) struct push p = PUSH_INIT;

		assert_int_equal(parse(&p, bad[i], strlen(bad[i])), -1);
	}
	AUTO(push_release) struct push nul = PUSH_INIT;
	static const char text[] = A " " B " refs/heads/\0main\n";

	assert_int_equal(parse(&nul, text, sizeof text - 1), -1);
}

static void expect_first(const char *text, const char *want)
{
	AUTO(push_release) struct push p = PUSH_INIT;
	const char *have;

	assert_int_equal(parse(&p, text, strlen(text)), 0);
	have = push_first_branch(&p);
	if (want)
		assert_string_equal(have, want);
	else
		assert_null(have);
}

static void the_first_branch_prefers_main_then_master(void **state)
{
	(void)state;
	expect_first(ZERO " " A " refs/heads/a\n" ZERO " " A " refs/heads/master\n" ZERO
			  " " A " refs/heads/main\n",
		     "main");
	expect_first(ZERO " " A " refs/heads/a\n" ZERO " " A " refs/heads/master\n",
		     "master");
	expect_first(ZERO " " A " refs/tags/x\n" ZERO " " A " refs/heads/a/b\n", "a/b");
	expect_first(ZERO " " A " refs/tags/main\n", NULL);
	expect_first(A " " ZERO " refs/heads/main\n", NULL);
	expect_first("", NULL);
}

static void the_branch_is_deployed_rather_than_its_tag(void **state)
{
	AUTO(push_release) struct push both = PUSH_INIT;
	AUTO(push_release) struct push tag = PUSH_INIT;
	AUTO(push_release) struct push gone = PUSH_INIT;
	const char *text = ZERO " " A " refs/tags/live\n" ZERO " " B " refs/heads/live\n";
	const char *only = ZERO " " A " refs/tags/live\n";
	const char *deleted = A " " ZERO " refs/heads/live\n";

	(void)state;
	assert_int_equal(parse(&both, text, strlen(text)), 0);
	assert_string_equal(push_to_deploy(&both, "live")->to, B);
	assert_null(push_to_deploy(&both, "liv"));
	assert_int_equal(parse(&tag, only, strlen(only)), 0);
	assert_string_equal(push_to_deploy(&tag, "live")->to, A);
	assert_int_equal(parse(&gone, deleted, strlen(deleted)), 0);
	assert_null(push_to_deploy(&gone, "live"));
}

/* A store and repositories of its own. */
struct place {
	char *dir;
	struct store st;
};

static int set_up(void **state)
{
	static struct place p;
	char name[] = "/tmp/git-test.XXXXXX";
	struct err err;
	struct app app;

	assert_non_null(mkdtemp(name));
	p.dir = xstrdup(name);
	assert_int_equal(setenv("DAVIT_ROOT", p.dir, 1), 0);
	AUTO_FREE char *store = paths_in(p.dir, "store");

	assert_int_equal(fs_mkdirs(store, 0700, &err), 0);
	assert_int_equal(store_open(&p.st, true, &err), 0);
	assert_int_equal(app_create(&p.st, "blog", &app, &err), 0);
	assert_int_equal(app_create(&p.st, "shop.git", &app, &err), 0);
	*state = &p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct err err;

	store_close(&p->st);
	assert_int_equal(fs_remove_tree(p->dir, &err), 0);
	free(p->dir);
	return 0;
}

static void every_form_of_a_path_names_the_app(void **state)
{
	static const struct {
		const char *path;
		const char *app;
	} rows[] = {
		{ "blog", "blog" },         { "/blog", "blog" },
		{ "//blog", "blog" },       { "~/blog", "blog" },
		{ "~davit/blog", "blog" },  { "./blog", "blog" },
		{ "blog.git", "blog" },     { "/blog.git/", "blog" },
		{ "new-app", "new-app" },   { "new.git", "new" },
		{ "shop.git", "shop.git" }, { "a.example.com", "a.example.com" },
	};
	struct place *p = *state;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		AUTO_FREE char *name = NULL;

		assert_int_equal(git_serve_name(&p->st, rows[i].path, &name, &err), 0);
		assert_string_equal(name, rows[i].app);
	}
}

static void what_cannot_be_an_app_is_refused(void **state)
{
	static const char *const bad[] = { "",    "/",    "..",     "../blog",
					   "a/b", "Blog", "blog;x", "-blog",
					   "a b", ".git", "~",      "blog/../x" };
	struct place *p = *state;
	struct err err;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *name = NULL;

		assert_int_equal(git_serve_name(&p->st, bad[i], &name, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_null(name);
	}
}

static void write_text(const char *dir, const char *name, const char *text)
{
	AUTO_FREE char *path = paths_in(dir, "%s", name);
	AUTO_FREE char *parent = xstrdup(path);
	struct err err;

	*strrchr(parent, '/') = '\0';
	assert_int_equal(fs_mkdirs(parent, 0700, &err), 0);
	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0600, &err), 0);
}

static void tips_are_found_loose_and_packed(void **state)
{
	AUTO_FREE char *repo = git_repo_path("blog");
	char sha[GIT_SHA];
	struct err err;

	(void)state;
	write_text(repo, "packed-refs",
		   "# pack-refs with: peeled fully-peeled sorted\n" A
		   " refs/heads/main\n" A " refs/heads/a\n^" B "\n");
	assert_int_equal(git_repo_tip("blog", "refs/heads/main", sha, &err), 0);
	assert_string_equal(sha, A);
	write_text(repo, "refs/heads/main", B "\n");
	assert_int_equal(git_repo_tip("blog", "refs/heads/main", sha, &err), 0);
	assert_string_equal(sha, B);
	assert_int_equal(git_repo_tip("blog", "refs/heads/none", sha, &err), GIT_NO_REF);
	write_text(repo, "refs/heads/a/b", B "\n"); /* a is packed, and a directory */
	assert_int_equal(git_repo_tip("blog", "refs/heads/a", sha, &err), 0);
	assert_string_equal(sha, A);
	assert_int_equal(git_repo_tip("other", "refs/heads/a", sha, &err), GIT_NO_REF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_pre_receive_are_read),
		cmocka_unit_test(what_is_no_line_of_pre_receive_is_refused),
		cmocka_unit_test(the_first_branch_prefers_main_then_master),
		cmocka_unit_test(the_branch_is_deployed_rather_than_its_tag),
		TEST(every_form_of_a_path_names_the_app),
		TEST(what_cannot_be_an_app_is_refused),
		TEST(tips_are_found_loose_and_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
