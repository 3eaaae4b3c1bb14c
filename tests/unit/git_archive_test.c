/* SPDX-License-Identifier: MIT */
/* Archives as trees: what leads out of one is refused, what is in it is all there. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/git/archive.h"
#include "plugins/git/git.h"
#include "test_store.h"
#include "util/cleanup.h"

static git_repository *repo;

static int open_all(void **state)
{
	char path[128];

	(void)state;
	(void)git_libgit2_init();
	(void)snprintf(test_dir, sizeof test_dir, "/tmp/davit-unit.XXXXXX");
	assert_non_null(mkdtemp(test_dir));
	(void)snprintf(path, sizeof path, "%s/r.git", test_dir);
	return git_repository_init(&repo, path, 1);
}

static int close_all(void **state)
{
	git_repository_free(repo);
	return test_store_remove(state);
}

struct file {
	const char *path;
	const char *text; /* a directory: NULL */
	const char *link; /* a symlink */
	const char *hard; /* a hard link */
	mode_t mode;
};

static int make(const struct file *files, size_t count, bool zip)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	struct archive *a = archive_write_new();

	if (zip)
		assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
	else
		assert_int_equal(archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_fd(a, fd), ARCHIVE_OK);
	for (size_t i = 0; i < count; i++) {
		struct archive_entry *e = archive_entry_new();
		const struct file *f = &files[i];

		archive_entry_set_pathname(e, f->path);
		archive_entry_set_perm(e, f->mode ? f->mode : 0644);
		archive_entry_set_filetype(e, f->link              ? AE_IFLNK
					      : f->text || f->hard ? AE_IFREG
								   : AE_IFDIR);
		if (f->link)
			archive_entry_set_symlink(e, f->link);
		if (f->hard)
			archive_entry_set_hardlink(e, f->hard);
		archive_entry_set_size(e, f->text ? (la_int64_t)strlen(f->text) : 0);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		if (f->text)
			assert_int_equal(archive_write_data(a, f->text, strlen(f->text)),
					 strlen(f->text));
		archive_entry_free(e);
	}
	assert_int_equal(archive_write_free(a), ARCHIVE_OK);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static const struct archive_limits wide = { .bytes = 1 << 20, .files = 100 };

#define REFUSED(why, ...)                                                           \
	refused((const struct file[]){ __VA_ARGS__ },                               \
		sizeof((const struct file[]){ __VA_ARGS__ }) / sizeof(struct file), \
		&wide, why)

static void refused(const struct file *files, size_t count,
		    const struct archive_limits *limits, const char *why)
{
	AUTO_CLOSE int fd = make(files, count, false);
	struct err err;
	git_oid tree;

	assert_int_equal(archive_tree(repo, fd, "tar", limits, &tree, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("'%s' says not '%s'", err.text, why);
}

static void ways_out_are_refused(void **state)
{
	(void)state;
	REFUSED("absolute paths", { .path = "/etc/cron.d/x", .text = "x" });
	REFUSED("parent directory traversal", { .path = "a/../../x", .text = "x" });
	REFUSED("absolute targets", { .path = "a", .link = "/tmp" });
	REFUSED("pointing outside", { .path = "a/b", .link = "../../x" });
	REFUSED("pointing outside", { .path = "a", .link = "b/../../x" });
	REFUSED("a repository", { .path = "x/.GIT/config", .text = "x" });
	REFUSED("link to nothing", { .path = "a", .hard = "b" });
	REFUSED("no file", { .path = "only/" });
}

static void limits_hold(void **state)
{
	const struct file two[] = { { .path = "a", .text = "12345" },
				    { .path = "b", .text = "12345" } };
	const struct archive_limits few = { .bytes = 1 << 20, .files = 1 };
	const struct archive_limits small = { .bytes = 9, .files = 10 };

	(void)state;
	refused(two, 2, &few, "exceeds the maximum of 1");
	refused(two, 2, &small, "exceeds maximum allowed size of 9 bytes");
}

/* The tree as text: mode, path. */
static int list_one(const char *root, const git_tree_entry *e, void *ctx)
{
	if (git_tree_entry_type(e) == GIT_OBJECT_BLOB)
		buf_addf(ctx, "%o %s%s\n", git_tree_entry_filemode(e), root,
			 git_tree_entry_name(e));
	return 0;
}

static void list(const git_oid *id, struct buf *out)
{
	git_tree *tree;

	assert_int_equal(git_tree_lookup(&tree, repo, id), 0);
	assert_int_equal(git_tree_walk(tree, GIT_TREEWALK_PRE, list_one, out), 0);
	git_tree_free(tree);
}

static void the_whole_tree_comes(void **state)
{
	const struct file files[] = {
		{ .path = "app-1.0/" },
		{ .path = "./app-1.0/Procfile", .text = "web: x\n" },
		{ .path = "app-1.0/bin/run", .text = "#!/bin/sh\n", .mode = 0755 },
		{ .path = "app-1.0/bin/again", .link = "run" },
		{ .path = "app-1.0/bin/twin", .hard = "app-1.0/bin/run" },
	};
	const char *want = "100644 Procfile\n120000 bin/again\n100755 bin/run\n"
			   "100755 bin/twin\n";

	(void)state;
	for (int zip = 0; zip < 2; zip++) {
		AUTO_CLOSE int fd = make(files, zip ? 4 : 5, zip);
		AUTO(buf_release) struct buf have = BUF_INIT;
		struct err err = { .kind = ERR_NONE };
		git_oid tree;

		if (archive_tree(repo, fd, zip ? "zip" : "tar", &wide, &tree, &err) < 0)
			fail_msg("%s", err.text);
		list(&tree, &have);
		if (zip)
			assert_string_equal(have.data,
					    "100644 Procfile\n120000 bin/again\n"
					    "100755 bin/run\n");
		else
			assert_string_equal(have.data, want);
	}
}

static void netrc_keeps_what_it_does_not_know(void **state)
{
	AUTO(netrc_release) struct netrc n = NETRC_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;

	(void)state;
	netrc_parse(&n,
		    "machine a.example\n  login u\n  password p\n"
		    "machine b.example login v password q\ndefault login anonymous\n");
	assert_string_equal(netrc_find(&n, "a.example")->password, "p");
	netrc_set(&n, "b.example", "w", "r");
	netrc_set(&n, "c.example", "x", "s");
	assert_true(netrc_remove(&n, "a.example"));
	assert_false(netrc_remove(&n, "a.example"));
	netrc_print(&n, &out);
	assert_string_equal(out.data, "machine c.example login x password s\n"
				      "machine b.example login w password r\n"
				      "default login anonymous\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_out_are_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(the_whole_tree_comes),
		cmocka_unit_test(netrc_keeps_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
