/* SPDX-License-Identifier: MIT */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "deploy/source.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/submodule.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"
#include "util/treetar.h"

/* One test's directory: work/ is a checkout, repo.git the bare repository, out the target. */
struct place {
	char *dir;
	char *work;
	char *repo;
	char *out;
	struct source_info info;
	struct err err;
};

static void run(const char *dir, const char *const *argv)
{
	const char *const env[] = { proc_plain_env[0],
				    "HOME=/nonexistent",
				    "GIT_CONFIG_NOSYSTEM=1",
				    "GIT_AUTHOR_NAME=A U Thor",
				    "GIT_AUTHOR_EMAIL=author@example.com",
				    "GIT_COMMITTER_NAME=C O Mitter",
				    "GIT_COMMITTER_EMAIL=committer@example.com",
				    "GIT_AUTHOR_DATE=1700000000 +0000",
				    "GIT_COMMITTER_DATE=1700000000 +0000",
				    NULL };
	struct proc p = { .argv = argv, .env = env, .dir = dir };
	struct proc_end end;
	struct err err;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.code, 0);
}

#define GIT(dir, ...) \
	run((dir), (const char *const[]){ "/usr/bin/git", __VA_ARGS__, NULL })

static char *below(const char *dir, const char *name)
{
	return paths_in(dir, "%s", name);
}

static void put(struct place *p, const char *name, const char *text)
{
	AUTO_FREE char *path = below(p->work, name);
	AUTO_FREE char *dir = xstrdup(path);
	struct err err;

	*strrchr(dir, '/') = '\0';
	assert_int_equal(fs_mkdirs(dir, 0755, &err), 0);
	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0644, &err), 0);
}

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);
	char name[] = "/tmp/source-test.XXXXXX";

	assert_non_null(mkdtemp(name));
	p->dir = xstrdup(name);
	p->work = below(p->dir, "work");
	p->repo = below(p->dir, "repo.git");
	p->out = below(p->dir, "out");
	GIT(p->dir, "init", "-q", "-b", "main", "work");
	GIT(p->dir, "init", "-q", "--bare", "-b", "main", "repo.git");
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	assert_int_equal(fs_remove_tree(p->dir, &p->err), 0);
	source_info_release(&p->info);
	free(p->dir);
	free(p->work);
	free(p->repo);
	free(p->out);
	free(p);
	return 0;
}

/* Commit everything in work/ and push it. */
static void push(struct place *p)
{
	GIT(p->work, "add", "-A");
	GIT(p->work, "commit", "-q", "-m", "first line\n\nmore");
	GIT(p->work, "push", "-q", p->repo, "main");
}

static int extract(struct place *p, const char *revision, const char *build_dir)
{
	struct source want = { .repo = p->repo,
			       .revision = revision,
			       .build_dir = build_dir,
			       .target = p->out };

	source_info_release(&p->info);
	p->info = (struct source_info)SOURCE_INFO_INIT;
	return source_extract(&want, &p->info, &p->err);
}

static bool has(struct place *p, const char *name)
{
	AUTO_FREE char *path = below(p->out, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static void expect_text(struct place *p, const char *name, const char *want)
{
	AUTO_FREE char *path = below(p->out, name);
	AUTO(buf_release) struct buf text = BUF_INIT;

	assert_int_equal(fs_read(path, 4096, &text, &p->err), 0);
	assert_string_equal(text.data, want);
}

static void a_commit_becomes_a_tree_with_its_facts(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *script = below(p->work, "bin/run");
	AUTO_FREE char *out = below(p->out, "bin/run");
	struct stat st;

	put(p, "index.html", "<h1>hello</h1>\n");
	put(p, "bin/run", "#!/bin/sh\n");
	put(p, "a/b/c.txt", "deep\n");
	assert_int_equal(chmod(script, 0755), 0);
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	expect_text(p, "index.html", "<h1>hello</h1>\n");
	expect_text(p, "a/b/c.txt", "deep\n");
	assert_false(has(p, ".git"));
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0100, 0100);
	assert_int_equal(st.st_mtime, 1700000000);
	assert_int_equal(stat(p->out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(p->info.files, 3);
	assert_int_equal(p->info.bytes, 15 + 10 + 5);
	assert_int_equal(strlen(p->info.sha), 40);
	assert_string_equal(p->info.author, "A U Thor <author@example.com>");
	assert_string_equal(p->info.summary, "first line");
	assert_int_equal(p->info.time, 1700000000);
}

static void a_target_that_exists_is_refused(void **state)
{
	struct place *p = *state;

	put(p, "a", "1");
	push(p);
	assert_int_equal(mkdir(p->out, 0700), 0);
	assert_int_equal(extract(p, "main", NULL), -1);
}

static void an_unknown_revision_is_named(void **state)
{
	struct place *p = *state;

	put(p, "a", "1");
	push(p);
	assert_int_equal(extract(p, "nowhere", NULL), -1);
	assert_non_null(strstr(p->err.text, "there is no commit nowhere"));
}

static void a_branch_wins_over_a_tag_of_its_name(void **state)
{
	struct place *p = *state;

	put(p, "a", "old");
	push(p);
	GIT(p->work, "tag", "main");
	GIT(p->work, "push", "-q", p->repo, "refs/tags/main");
	put(p, "a", "new");
	GIT(p->work, "commit", "-q", "-a", "-m", "second");
	GIT(p->work, "push", "-q", p->repo, "refs/heads/main");
	assert_int_equal(extract(p, "main", NULL), 0);
	expect_text(p, "a", "new");
}

static void an_annotated_tag_is_peeled(void **state)
{
	struct place *p = *state;

	put(p, "a", "1");
	push(p);
	GIT(p->work, "tag", "-a", "-m", "release", "v1");
	GIT(p->work, "push", "-q", p->repo, "v1");
	assert_int_equal(extract(p, "v1", NULL), 0);
	expect_text(p, "a", "1");
}

static void symlinks_stay_symlinks_and_are_not_followed(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *link = below(p->work, "passwd");
	AUTO_FREE char *up = below(p->work, "up");
	AUTO_FREE char *out = below(p->out, "passwd");
	char target[64];
	ssize_t n;

	put(p, "a", "1");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_int_equal(symlink("../../..", up), 0);
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	n = readlink(out, target, sizeof target);
	assert_int_equal(n, strlen("/etc/passwd"));
	assert_memory_equal(target, "/etc/passwd", (size_t)n);
	assert_true(has(p, "up"));
}

static void export_ignore_leaves_out_files_and_directories(void **state)
{
	struct place *p = *state;

	put(p, ".gitattributes", "tests/ export-ignore\n*.md export-ignore\n");
	put(p, "sub/.gitattributes", "KEEP.md -export-ignore\nlocal export-ignore\n");
	put(p, "tests/one", "1");
	put(p, "README.md", "r");
	put(p, "sub/KEEP.md", "k");
	put(p, "sub/local", "l");
	put(p, "local", "top");
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	assert_false(has(p, "tests"));
	assert_false(has(p, "README.md"));
	assert_false(has(p, "sub/local"));
	expect_text(p, "sub/KEEP.md", "k");
	expect_text(p, "local", "top");
	assert_int_equal(p->info.files, 4);
}

static void build_dir_makes_a_directory_the_tree(void **state)
{
	struct place *p = *state;

	put(p, "services/web/index.html", "web");
	put(p, "services/other", "o");
	push(p);
	assert_int_equal(extract(p, "main", "./services/web/"), 0);
	expect_text(p, "index.html", "web");
	assert_false(has(p, "services"));
}

static void a_build_dir_that_is_not_there_is_named(void **state)
{
	struct place *p = *state;

	put(p, "file", "f");
	push(p);
	assert_int_equal(extract(p, "main", "nowhere"), -1);
	assert_non_null(strstr(p->err.text, "no directory nowhere"));
	assert_non_null(strstr(p->err.hint, "build-dir"));
	assert_int_equal(fs_remove_tree(p->out, &p->err), 0);
	assert_int_equal(extract(p, "main", "file"), -1);
	assert_int_equal(fs_remove_tree(p->out, &p->err), 0);
	assert_int_equal(extract(p, "main", "../.."), -1);
}

/* A tree made by hand, as no git client would. */
static void push_raw_tree(struct place *p, const char *name)
{
	AUTO_FREE char *list = xasprintf(
		"printf '100644 blob %%s\\t%s\\n' $(echo x | git hash-object -w --stdin) |"
		" git mktree > tree && git update-ref refs/heads/main"
		" $(git commit-tree -m bad $(cat tree)) && rm tree",
		name);

	run(p->repo, (const char *const[]){ "/bin/sh", "-ec", list, NULL });
}

static void hostile_names_are_refused(void **state)
{
	static const char *const names[] = { "..", ".", ".git", ".GIT" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		push_raw_tree(p, names[i]);
		assert_int_equal(extract(p, "main", NULL), -1);
		assert_non_null(strstr(p->err.text, "the commit holds a file named"));
		assert_int_equal(fs_remove_tree(p->out, &p->err), 0);
	}
}

static void lfs_pointers_are_counted_and_named(void **state)
{
	static const char pointer[] =
		"version https://git-lfs.github.com/spec/v1\n"
		"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
		"size 12345\n";
	struct place *p = *state;

	put(p, "model.bin", pointer);
	put(p, "data/x.bin", pointer);
	put(p, "a", "1");
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	assert_int_equal(p->info.lfs_count, 2);
	assert_int_equal(p->info.lfs.len, 2);
	assert_true(strv_find(&p->info.lfs, "model.bin") >= 0);
}

static void objects_in_quarantine_are_found(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *quarantine = below(p->repo, "objects/incoming-1");
	AUTO_FREE char *objects = below(p->work, ".git/objects");
	AUTO(buf_release) struct buf sha = BUF_INIT;
	AUTO_FREE char *head = below(p->work, ".git/refs/heads/main");

	put(p, "a", "1");
	GIT(p->work, "add", "-A");
	GIT(p->work, "commit", "-q", "-m", "not pushed");
	run(p->dir, (const char *const[]){ "/bin/cp", "-R", objects, quarantine, NULL });
	assert_int_equal(fs_read(head, 100, &sha, &p->err), 0);
	buf_chomp(&sha);
	assert_int_equal(extract(p, sha.data, NULL), -1);
	assert_int_equal(fs_remove_tree(p->out, &p->err), 0);
	assert_int_equal(setenv("GIT_QUARANTINE_PATH", quarantine, 1), 0);
	assert_int_equal(extract(p, sha.data, NULL), 0);
	assert_int_equal(unsetenv("GIT_QUARANTINE_PATH"), 0);
	expect_text(p, "a", "1");
}

static void submodules_over_other_protocols_are_refused(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *sub = below(p->dir, "sub");

	put(p, "a", "1");
	push(p);
	GIT(p->dir, "clone", "-q", "repo.git", "sub");
	GIT(p->work, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
	    sub, "lib");
	push(p);
	assert_int_equal(extract(p, "main", NULL), -1);
	assert_non_null(strstr(p->err.text, "submodule lib"));
	assert_non_null(strstr(p->err.text, "neither https nor ssh"));
	assert_non_null(strstr(p->err.hint, "git submodule set-url lib"));
}

static void submodule_urls_are_https_or_ssh(void **state)
{
	(void)state;
	assert_true(submodule_url_is_safe("https://example.com/a.git"));
	assert_true(submodule_url_is_safe("https://[::1]/a.git"));
	assert_true(submodule_url_is_safe("ssh://git@example.com:22/a.git"));
	assert_true(submodule_url_is_safe("git@example.com:a/b.git"));
	assert_false(submodule_url_is_safe("http://example.com/a.git"));
	assert_false(submodule_url_is_safe("git://example.com/a.git"));
	assert_false(submodule_url_is_safe("file:///etc"));
	assert_false(submodule_url_is_safe("/etc"));
	assert_false(submodule_url_is_safe("ext::sh -c true"));
	assert_false(submodule_url_is_safe("ext::a@b:c"));
	assert_false(submodule_url_is_safe("-u@host:x"));
	assert_false(submodule_url_is_safe("--upload-pack=x@y:z"));
	assert_false(submodule_url_is_safe("ssh://-oProxyCommand=x/a"));
	assert_false(submodule_url_is_safe("ssh://git@-oProxyCommand=x/a"));
	assert_false(submodule_url_is_safe("git@-oProxyCommand=x:a"));
	assert_false(submodule_url_is_safe("https://example.com/a b"));
	assert_false(submodule_url_is_safe(""));
}

static void gitmodules_below_a_build_dir_are_found(void **state)
{
	static const char text[] = "[submodule \"x\"]\n\tpath = svc/lib\n"
				   "\turl = https://example.com/lib.git\n"
				   "[submodule \"y\"]\n\turl = \"git@h:y\"\n\tpath = y\n";
	struct submodules s = SUBMODULES_INIT;

	(void)state;
	submodules_want(&s, "lib", "1");
	submodules_want(&s, "y", "2");
	submodules_read(&s, "./svc/", text, sizeof text - 1);
	assert_string_equal(s.v[0].url, "https://example.com/lib.git");
	assert_null(s.v[1].url);
	submodules_read(&s, "", text, sizeof text - 1);
	assert_string_equal(s.v[1].url, "git@h:y");
	submodules_release(&s);
}

/* Columns one blank apart. */
static void squeeze(struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] != ' ' || (n && text->data[n - 1] != ' '))
			text->data[n++] = text->data[i];
	buf_cut(text, n);
}

/* What tar(1) lists of our archive. */
static void list_tar(struct place *p, struct buf *out)
{
	AUTO_FREE char *file = below(p->dir, "out.tar");
	AUTO_CLOSE int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const char *const argv[] = { "/bin/tar",
				     "--list",
				     "--verbose",
				     "--numeric-owner",
				     "--utc",
				     "--full-time",
				     "--quoting-style=literal",
				     "--file",
				     file,
				     NULL };
	struct proc q = { .argv = argv, .env = proc_plain_env, .out = out };
	struct proc_end end;

	assert_int_equal(treetar_write(p->out, fd, &p->err), 0);
	assert_int_equal(proc_run(&q, &end, &p->err), 0);
	assert_int_equal(end.code, 0);
	squeeze(out);
}

static void the_archive_has_plain_owners_and_modes(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *script = below(p->work, "run");
	AUTO_FREE char *link = below(p->work, "link");
	AUTO_FREE char *mode = below(p->out, "run");
	AUTO(buf_release) struct buf list = BUF_INIT;

	put(p, "run", "#!\n");
	put(p, "d/a", "12345");
	assert_int_equal(chmod(script, 0755), 0);
	assert_int_equal(symlink("d/a", link), 0);
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	assert_int_equal(chmod(mode, 04711), 0);
	list_tar(p, &list);
	assert_non_null(strstr(list.data, "drwxr-xr-x 1000/1000"));
	assert_non_null(
		strstr(list.data, "-rw-r--r-- 1000/1000 5 2023-11-14 22:13:20 d/a\n"));
	assert_non_null(
		strstr(list.data, "-rwxr-xr-x 1000/1000 3 2023-11-14 22:13:20 run\n"));
	assert_non_null(strstr(list.data, "link -> d/a\n"));
}

static void long_names_and_empty_and_large_files_survive_the_archive(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *file = below(p->dir, "out.tar");
	AUTO_FREE char *back = below(p->dir, "back");
	AUTO(buf_release) struct buf name = BUF_INIT;
	AUTO(buf_release) struct buf large = BUF_INIT;
	AUTO(buf_release) struct buf list = BUF_INIT;

	for (int i = 0; i < 30; i++)
		buf_addf(&name, "directory-%02d/", i);
	buf_adds(&name, "file");
	for (int i = 0; i < 100000; i++)
		buf_addf(&large, "%08d\n", i);
	put(p, name.data, "far away");
	put(p, "empty", "");
	put(p, "large", large.data);
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	list_tar(p, &list);
	assert_int_equal(mkdir(back, 0700), 0);
	run(back, (const char *const[]){ "/bin/tar", "xf", file, NULL });
	run(p->dir, (const char *const[]){ "/usr/bin/diff", "-r", "out", "back", NULL });
}

static void a_socket_in_the_tree_is_refused_by_the_archive(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *fifo = below(p->out, "fifo");
	AUTO_CLOSE int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	put(p, "a", "1");
	push(p);
	assert_int_equal(extract(p, "main", NULL), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(treetar_write(p->out, null, &p->err), -1);
	assert_non_null(strstr(p->err.text, "fifo"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_commit_becomes_a_tree_with_its_facts),
		TEST(a_target_that_exists_is_refused),
		TEST(an_unknown_revision_is_named),
		TEST(a_branch_wins_over_a_tag_of_its_name),
		TEST(an_annotated_tag_is_peeled),
		TEST(symlinks_stay_symlinks_and_are_not_followed),
		TEST(export_ignore_leaves_out_files_and_directories),
		TEST(build_dir_makes_a_directory_the_tree),
		TEST(a_build_dir_that_is_not_there_is_named),
		TEST(hostile_names_are_refused),
		TEST(lfs_pointers_are_counted_and_named),
		TEST(objects_in_quarantine_are_found),
		TEST(submodules_over_other_protocols_are_refused),
		cmocka_unit_test(submodule_urls_are_https_or_ssh),
		cmocka_unit_test(gitmodules_below_a_build_dir_are_found),
		TEST(the_archive_has_plain_owners_and_modes),
		TEST(long_names_and_empty_and_large_files_survive_the_archive),
		TEST(a_socket_in_the_tree_is_refused_by_the_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
