/* SPDX-License-Identifier: MIT */
/* Files: what is replaced, removed, and read from trees that others made. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static char dir[64];
static struct err err;

static char *at(const char *name)
{
	return paths_in(dir, "%s", name);
}

static void make(const char *name, const char *text)
{
	AUTO_FREE char *path = at(name);

	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0644, &err), 0);
}

static int start(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/davit-fs.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return fs_remove_tree(dir, &err);
}

static void reads(const char *name, const char *want)
{
	AUTO_FREE char *path = at(name);
	AUTO(buf_release) struct buf b = BUF_INIT;

	assert_int_equal(fs_read(path, 1000, &b, &err), 0);
	assert_string_equal(b.data, want);
}

static void a_file_is_replaced_with_its_mode(void **state)
{
	AUTO_FREE char *path = at("f");
	struct stat st;

	(void)state;
	make("f", "old");
	assert_int_equal(fs_write_atomic(path, "new", 3, 0600, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	reads("f", "new");
}

static void a_file_that_cannot_be_replaced_stays(void **state)
{
	AUTO_FREE char *path = at("d");
	AUTO_FREE char *left = paths_in(dir, "d.new.%d", (int)getpid());

	(void)state;
	assert_int_equal(mkdir(path, 0755), 0);
	make("d/inside", "x");
	assert_int_equal(fs_write_atomic(path, "new", 3, 0600, &err), -1);
	assert_true(fs_is_dir(path));
	assert_false(fs_exists(left));
}

static void replacing_a_symlink_leaves_what_it_points_to(void **state)
{
	AUTO_FREE char *target = at("target");
	AUTO_FREE char *link = at("link");
	struct stat st;

	(void)state;
	make("target", "kept");
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(fs_write_atomic(link, "new", 3, 0644, &err), 0);
	reads("target", "kept");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void a_file_over_its_bound_is_refused(void **state)
{
	AUTO_FREE char *path = at("big");
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	make("big", "12345");
	assert_int_equal(fs_read(path, 5, &b, &err), 0);
	assert_int_equal(fs_read(path, 4, &b, &err), -1);
	assert_non_null(strstr(err.text, "more than 4 bytes"));
}

static void absent_is_an_outcome_and_a_fifo_an_error(void **state)
{
	AUTO_FREE char *absent = at("absent");
	AUTO_FREE char *fifo = at("fifo");
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(fs_read(absent, 10, &b, &err), FS_ABSENT);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(fs_read(fifo, 10, &b, &err), -1);
	assert_int_equal(fs_read_beneath(dir, "fifo", 10, &b, &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
}

static void nothing_leads_out_of_a_tree(void **state)
{
	AUTO_FREE char *tree = at("tree");
	AUTO_FREE char *absolute = at("tree/absolute");
	AUTO_FREE char *relative = at("tree/relative");
	AUTO_FREE char *sub = at("tree/sub");
	AUTO_FREE char *inner = at("tree/inner");
	AUTO_FREE char *magic = at("tree/magic");
	AUTO(buf_release) struct buf b = BUF_INIT;
	static const char *const outside[] = {
		"absolute",  "relative",    "sub/passwd",
		"../secret", "/etc/passwd", "magic/passwd"
	};

	(void)state;
	make("secret", "secret");
	assert_int_equal(mkdir(tree, 0755), 0);
	make("tree/file", "fine");
	assert_int_equal(symlink("/etc/passwd", absolute), 0);
	assert_int_equal(symlink("../secret", relative), 0);
	assert_int_equal(symlink("/etc", sub), 0);
	assert_int_equal(symlink("file", inner), 0);
	assert_int_equal(symlink("/proc/self/root/etc", magic), 0);
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
		assert_int_equal(fs_read_beneath(tree, outside[i], 100000, &b, &err), -1);
		assert_non_null(strstr(err.text, "leads out of the source tree"));
	}
	assert_int_equal(b.len, 0);
	assert_int_equal(fs_read_beneath(tree, "inner", 100, &b, &err), 0);
	assert_string_equal(b.data, "fine");
	assert_int_equal(fs_read_beneath(tree, "nothing", 100, &b, &err), FS_ABSENT);
	assert_int_equal(fs_read_beneath(tree, "file/x", 100, &b, &err), FS_ABSENT);
}

static void a_removed_tree_takes_nothing_else_along(void **state)
{
	AUTO_FREE char *tree = at("gone");
	AUTO_FREE char *deep = at("gone/a/b");
	AUTO_FREE char *link = at("gone/a/link");
	AUTO_FREE char *dirlink = at("gone/a/dirlink");
	AUTO_FREE char *kept = at("kept");

	(void)state;
	make("outside", "kept");
	assert_int_equal(fs_mkdirs(kept, 0755, &err), 0);
	make("kept/file", "kept");
	assert_int_equal(fs_mkdirs(deep, 0755, &err), 0);
	make("gone/a/b/f", "x");
	assert_int_equal(symlink("../../outside", link), 0);
	assert_int_equal(symlink(kept, dirlink), 0);
	assert_int_equal(fs_remove_tree(tree, &err), 0);
	assert_false(fs_exists(tree));
	reads("outside", "kept");
	reads("kept/file", "kept");
	assert_int_equal(fs_remove_tree(tree, &err), 0);
}

static void removing_a_link_removes_the_link(void **state)
{
	AUTO_FREE char *link = at("to-kept");
	AUTO_FREE char *kept = at("kept");

	(void)state;
	assert_int_equal(symlink(kept, link), 0);
	assert_int_equal(fs_remove_tree(link, &err), 0);
	reads("kept/file", "kept");
}

/* Each level below the one before, without ever naming a path of such a length. */
static void dig(const char *name, int levels)
{
	AUTO_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(mkdirat(fd, name, 0755), 0);
	for (int i = 0; i <= levels; i++) {
		int next = openat(fd, i ? "d" : name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		assert_true(next >= 0);
		(void)close(fd);
		fd = next;
		if (i < levels)
			assert_int_equal(mkdirat(fd, "d", 0755), 0);
	}
}

static void a_tree_deeper_than_our_descriptors_goes(void **state)
{
	AUTO_FREE char *deep = at("deep");
	struct rlimit was;
	struct rlimit few;
	int rc;

	(void)state;
	dig("deep", 3000);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	few = (struct rlimit){ .rlim_cur = 200, .rlim_max = was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	rc = fs_remove_tree(deep, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(rc, 0);
	assert_false(fs_exists(deep));
}

static void a_directory_that_may_not_be_written_goes_too(void **state)
{
	AUTO_FREE char *tree = at("sealed");
	AUTO_FREE char *inner = at("sealed/inner");
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(chmod(dir, 0777), 0);
	/* Root is never refused: somebody else has to try. */
	pid = fork();
	if (pid == 0) {
		struct err why;

		if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(2);
		if (mkdir(tree, 0755) < 0 || mkdir(inner, 0755) < 0)
			_exit(3);
		int fd = openat(AT_FDCWD, inner, O_RDONLY | O_DIRECTORY);

		(void)close(openat(fd, "f", O_WRONLY | O_CREAT, 0600));
		if (chmod(inner, 0500) < 0 || chmod(tree, 0) < 0)
			_exit(4);
		_exit(fs_remove_tree(tree, &why) == 0 && !fs_exists(tree) ? 0 : 5);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void missing_parents_are_made(void **state)
{
	AUTO_FREE char *path = at("p/q/r");
	AUTO_FREE char *under = at("f/x");

	(void)state;
	assert_int_equal(fs_mkdirs(path, 0700, &err), 0);
	assert_int_equal(fs_mkdirs(path, 0700, &err), 0);
	assert_true(fs_is_dir(path));
	assert_int_equal(fs_mkdirs(under, 0700, &err), -1);
}

static void touch(const char *path)
{
	assert_int_equal(fs_write_atomic(path, "x", 1, 0600, &err), 0);
}

static void what_a_dead_writer_left_is_swept(void **state)
{
	AUTO_FREE char *top = at("swept");
	AUTO_FREE char *kept = at("swept/a.news");
	AUTO_FREE char *dead = at("swept/a.new.2147483632");
	AUTO_FREE char *name = xasprintf("swept/a.new.%d", (int)getpid());
	AUTO_FREE char *alive = at(name);

	(void)state;
	assert_int_equal(fs_mkdirs(top, 0700, &err), 0);
	touch(kept);
	touch(dead);
	touch(alive);
	assert_int_equal(fs_writer_of(name), getpid());
	assert_int_equal(fs_writer_of(".new.7"), 7);
	assert_int_equal(fs_writer_of("a.news"), 0);
	assert_int_equal(fs_writer_of("a.new.7b"), 0);
	assert_int_equal(fs_writer_of("a.new.-7"), 0);
	assert_int_equal(fs_writer_of("a.new.4294967299"), 0);
	assert_true(fs_is_left(dead) && !fs_is_left(name) && !fs_is_left(kept));
	fs_sweep_new(top);
	assert_true(fs_exists(kept));
	assert_true(fs_exists(alive));
	assert_false(fs_exists(dead));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced_with_its_mode),
		cmocka_unit_test(a_file_that_cannot_be_replaced_stays),
		cmocka_unit_test(replacing_a_symlink_leaves_what_it_points_to),
		cmocka_unit_test(a_file_over_its_bound_is_refused),
		cmocka_unit_test(absent_is_an_outcome_and_a_fifo_an_error),
		cmocka_unit_test(nothing_leads_out_of_a_tree),
		cmocka_unit_test(a_removed_tree_takes_nothing_else_along),
		cmocka_unit_test(removing_a_link_removes_the_link),
		cmocka_unit_test(a_tree_deeper_than_our_descriptors_goes),
		cmocka_unit_test(a_directory_that_may_not_be_written_goes_too),
		cmocka_unit_test(missing_parents_are_made),
		cmocka_unit_test(what_a_dead_writer_left_is_swept),
	};

	return cmocka_run_group_tests(tests, start, end);
}
