/* SPDX-License-Identifier: MIT */
/* Logs that nginx writes of an app: gone and moved with it, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root/nginx_logs.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

struct place {
	char path[64];
	int fd;
};

static int make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	(void)snprintf(p->path, sizeof p->path, "/tmp/davit-nginx-logs.XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->fd >= 0);
	*state = p;
	return 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;
	struct err err;

	(void)close(p->fd);
	(void)fs_remove_tree(p->path, &err);
	free(p);
	return 0;
}

static void put(const struct place *p, const char *name, const char *text)
{
	AUTO_CLOSE int fd = openat(p->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
}

static bool is_there(const struct place *p, const char *name)
{
	return faccessat(p->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool says(const struct place *p, const char *name, const char *text)
{
	AUTO_CLOSE int fd = openat(p->fd, name, O_RDONLY | O_CLOEXEC);
	AUTO(buf_release) struct buf have = BUF_INIT;
	struct err err;

	return fd >= 0 && fs_read_fd(fd, 1 << 16, &have, &err) == 0 &&
	       strcmp(have.data, text) == 0;
}

static bool leads(const struct place *p, const char *name, const char *where)
{
	char target[256] = "";
	ssize_t n = readlinkat(p->fd, name, target, sizeof target - 1);

	return n > 0 && strcmp(target, where) == 0;
}

static void a_log_is_known_by_its_whole_name(void **state)
{
	static const char *const ours[] = {
		"blog-access.log",
		"blog-error.log",
		"blog-access.log.1",
		"blog-error.log.14.gz",
		"blog-access.log-20260131",
		"blog-access.log.2.xz",
		"blog-access.log-20260131.gz",
	};
	static const char *const others[] = {
		"access.log",           "blog.log",
		"blog-access.log.old",  "blog-access.log.",
		"blog-access.logs",     "blog-access.log.1.gz.x",
		"blog-2-access.log",    "my-blog-access.log",
		"blog-access.log.1x",   "blog-access.log.1-access.log",
		"blog-access.log/../x", "blog-ACCESS.log",
	};

	(void)state;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!nginx_logs_tail("blog", ours[i]))
			fail_msg("%s is a log of blog", ours[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (nginx_logs_tail("blog", others[i]))
			fail_msg("%s is no log of blog", others[i]);
	assert_string_equal(nginx_logs_tail("a.b", "a.b-error.log.1"), "-error.log.1");
}

static void forgetting_removes_the_logs_of_one_app(void **state)
{
	static const char *const gone[] = { "blog-access.log", "blog-access.log.1",
					    "blog-error.log", "blog-error.log.2.gz" };
	static const char *const kept[] = { "blog-2-access.log", "error.log",
					    "blog-access.log.old", "my-blog-error.log" };
	const struct place *p = *state;
	struct err err;

	for (size_t i = 0; i < 4; i++) {
		put(p, gone[i], "x");
		put(p, kept[i], "x");
	}
	assert_int_equal(nginx_logs_forget_at(p->fd, "blog", &err), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_false(is_there(p, gone[i]));
		assert_true(is_there(p, kept[i]));
	}
	assert_int_equal(nginx_logs_forget_at(p->fd, "blog", &err), 0);
}

static void a_symlink_is_removed_and_not_followed(void **state)
{
	const struct place *p = *state;
	struct err err;

	put(p, "passwd", "secret");
	assert_int_equal(symlinkat("passwd", p->fd, "blog-access.log"), 0);
	assert_int_equal(symlinkat("blog-error.log", p->fd, "old-error.log"), 0);
	assert_int_equal(mkdirat(p->fd, "blog-error.log.1", 0755), 0);
	assert_int_equal(nginx_logs_forget_at(p->fd, "blog", &err), 0);
	assert_false(is_there(p, "blog-access.log"));
	assert_false(is_there(p, "old-error.log"));
	assert_true(is_there(p, "blog-error.log.1"));
	assert_true(says(p, "passwd", "secret"));
}

static void a_renamed_app_takes_its_logs_along(void **state)
{
	const struct place *p = *state;
	struct err err;

	put(p, "blog-access.log", "new");
	put(p, "blog-access.log.1", "older");
	put(p, "blog-access.log.2.gz", "oldest");
	put(p, "blog-2-access.log", "of another");
	put(p, "shop-access.log", "of one that is gone");
	assert_int_equal(nginx_logs_rename_at(p->fd, "blog", "shop", &err), 0);
	assert_true(says(p, "shop-access.log", "new"));
	assert_true(says(p, "shop-access.log.1", "older"));
	assert_true(says(p, "shop-access.log.2.gz", "oldest"));
	assert_false(is_there(p, "blog-access.log.1"));
	assert_true(says(p, "blog-2-access.log", "of another"));
	/* What nginx still writes by the old name. */
	assert_true(leads(p, "blog-access.log", "shop-access.log"));
	nginx_logs_drop_alias_at(p->fd, "blog");
	assert_false(is_there(p, "blog-access.log"));
	nginx_logs_drop_alias_at(p->fd, "shop");
	assert_true(says(p, "shop-access.log", "new"));
}

static void a_rename_can_be_tried_again_and_taken_back(void **state)
{
	const struct place *p = *state;
	struct err err;

	put(p, "blog-error.log", "all");
	/* It died before the exchange. */
	assert_int_equal(symlinkat("shop-error.log", p->fd, "shop-error.log"), 0);
	assert_int_equal(nginx_logs_rename_at(p->fd, "blog", "shop", &err), 0);
	assert_int_equal(nginx_logs_rename_at(p->fd, "blog", "shop", &err), 0);
	assert_true(says(p, "shop-error.log", "all"));
	assert_int_equal(nginx_logs_rename_at(p->fd, "shop", "blog", &err), 0);
	nginx_logs_drop_alias_at(p->fd, "shop");
	assert_true(says(p, "blog-error.log", "all"));
	assert_false(is_there(p, "shop-error.log"));
}

static void a_link_of_the_administrator_stays(void **state)
{
	const struct place *p = *state;

	assert_int_equal(symlinkat("/mnt/logs/blog.log", p->fd, "blog-access.log"), 0);
	assert_int_equal(symlinkat("elsewhere.log", p->fd, "blog-error.log"), 0);
	nginx_logs_drop_alias_at(p->fd, "blog");
	assert_true(is_there(p, "blog-access.log"));
	assert_true(is_there(p, "blog-error.log"));
}

enum { NOBODY = 65534, NO_GROUP = 65533 };

static bool may_read(const struct place *p, const char *name, uid_t who)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(setresgid(NO_GROUP, NO_GROUP, NO_GROUP) < 0 ||
		      setresuid(who, who, who) < 0 ||
		      openat(p->fd, name, O_RDONLY | O_CLOEXEC) < 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void a_log_that_was_begun_anew_is_shared_with_one_reader(void **state)
{
	const struct place *p = *state;
	struct stat st;
	struct err err;

	/* Another uid can be taken on by root alone; scripts/test is. */
	assert_int_equal(geteuid(), 0);
	assert_int_equal(chmod(p->path, 0755), 0);
	put(p, "blog-access.log", "one\n");
	put(p, "shop-access.log", "two\n");
	put(p, "blog-access.log.1", "old\n");
	assert_int_equal(symlinkat("shop-access.log", p->fd, "blog-error.log"), 0);
	assert_int_equal(fchmodat(p->fd, "blog-access.log", 0640, 0), 0);
	assert_int_equal(fchmodat(p->fd, "shop-access.log", 0640, 0), 0);
	assert_int_equal(fchmodat(p->fd, "blog-access.log.1", 0640, 0), 0);
	assert_false(may_read(p, "blog-access.log", NOBODY));
	assert_int_equal(nginx_logs_share_at(p->fd, "blog", NOBODY, &err), 0);
	assert_true(may_read(p, "blog-access.log", NOBODY));
	assert_false(may_read(p, "blog-access.log", NOBODY - 1));
	assert_false(may_read(p, "shop-access.log", NOBODY));
	assert_false(may_read(p, "blog-access.log.1", NOBODY));
	assert_int_equal(fstatat(p->fd, "blog-access.log", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(nginx_logs_share_at(p->fd, "blog", NOBODY, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_known_by_its_whole_name),
		cmocka_unit_test_setup_teardown(forgetting_removes_the_logs_of_one_app,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(a_symlink_is_removed_and_not_followed,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(a_renamed_app_takes_its_logs_along,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(
			a_rename_can_be_tried_again_and_taken_back, make_place,
			drop_place),
		cmocka_unit_test_setup_teardown(a_link_of_the_administrator_stays,
						make_place, drop_place),
		cmocka_unit_test_setup_teardown(
			a_log_that_was_begun_anew_is_shared_with_one_reader, make_place,
			drop_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
