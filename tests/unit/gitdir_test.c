/* SPDX-License-Identifier: MIT */
/* The .git of a tree that is built: whole, of its own, and clean. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "deploy/gitdir.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

/* What git says; its status has to be `code`. */
static char *git(const char *dir, int code, const char *const *argv)
{
	const char *const env[] = { proc_plain_env[0],
				    "HOME=/nonexistent",
				    "GIT_CONFIG_NOSYSTEM=1",
				    "GIT_AUTHOR_NAME=A U Thor",
				    "GIT_AUTHOR_EMAIL=author@example.com",
				    "GIT_COMMITTER_NAME=C O Mitter",
				    "GIT_COMMITTER_EMAIL=committer@example.com",
				    NULL };
	struct buf out = BUF_INIT;
	struct proc p = { .argv = argv, .env = env, .dir = dir, .out = &out };
	struct proc_end end;
	struct err err;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.code, code);
	while (out.len && out.data[out.len - 1] == '\n')
		buf_cut(&out, out.len - 1);
	return buf_take(&out);
}

#define GIT(dir, code, ...) \
	git((dir), (code), (const char *const[]){ "/usr/bin/git", __VA_ARGS__, NULL })
#define DO(dir, ...) free(GIT((dir), 0, __VA_ARGS__))

static void the_tree_has_its_history_and_is_clean(void **state)
{
	char dir[] = "/tmp/gitdir-test.XXXXXX";
	struct source_info info = SOURCE_INFO_INIT;
	struct err err;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	AUTO_FREE char *work = paths_in(dir, "work");
	AUTO_FREE char *repo = paths_in(dir, "repo.git");
	AUTO_FREE char *out = paths_in(dir, "out");
	AUTO_FREE char *file = paths_in(work, "a.txt");
	AUTO_FREE char *others = paths_in(out, ".git/objects/info/alternates");

	DO(dir, "init", "-q", "-b", "trunk", "work");
	assert_int_equal(fs_write_atomic(file, "one\n", 4, 0644, &err), 0);
	DO(work, "add", "a.txt");
	DO(work, "commit", "-q", "-m", "first");
	DO(work, "commit", "-q", "--allow-empty", "-m", "second");
	DO(dir, "clone", "-q", "--bare", "work", "repo.git");

	struct source want = { .repo = repo, .revision = "trunk", .target = out };

	assert_int_equal(source_extract(&want, &info, &err), 0);
	assert_int_equal(gitdir_make(&want, info.sha, "trunk", &err), 0);
	/* Nothing of the repository it came from is needed. */
	assert_int_equal(fs_remove_tree(repo, &err), 0);
	assert_int_not_equal(stat(others, &st), 0);

	AUTO_FREE char *count = GIT(out, 0, "rev-list", "--count", "HEAD");
	AUTO_FREE char *branch = GIT(out, 0, "symbolic-ref", "HEAD");
	AUTO_FREE char *changes = GIT(out, 0, "status", "--porcelain");
	AUTO_FREE char *tip = GIT(out, 0, "rev-parse", "HEAD");

	assert_string_equal(count, "2");
	assert_string_equal(branch, "refs/heads/trunk");
	assert_string_equal(changes, "");
	assert_string_equal(tip, info.sha);
	source_info_release(&info);
	assert_int_equal(fs_remove_tree(dir, &err), 0);
}

static void a_commit_that_is_not_there_is_a_failure_with_a_cause(void **state)
{
	char dir[] = "/tmp/gitdir-test.XXXXXX";
	struct err err = { .kind = ERR_NONE };

	(void)state;
	assert_non_null(mkdtemp(dir));
	AUTO_FREE char *repo = paths_in(dir, "repo.git");
	AUTO_FREE char *out = paths_in(dir, "out");

	DO(dir, "init", "-q", "--bare", "repo.git");
	assert_int_equal(fs_mkdirs(out, 0700, &err), 0);

	struct source want = { .repo = repo, .revision = "", .target = out };

	assert_int_equal(gitdir_make(&want, "0123456789012345678901234567890123456789",
				     "main", &err),
			 -1);
	assert_non_null(strstr(err.text, "git could not make the .git"));
	assert_non_null(strstr(err.hint, "keep-git-dir false"));
	assert_int_equal(fs_remove_tree(dir, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_has_its_history_and_is_clean),
		cmocka_unit_test(a_commit_that_is_not_there_is_a_failure_with_a_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
