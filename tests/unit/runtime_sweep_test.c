/* SPDX-License-Identifier: MIT */
/* Small files that nobody will come back for. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sweep.h"
#include "test_store.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static struct store st = STORE_INIT;
static struct app blog;
static struct err err;

static int start(void **state)
{
	(void)state;
	test_store_open(&st);
	test_app(&st, "blog", &blog);
	return 0;
}

static void touch(const char *path)
{
	AUTO_FREE char *full = xasprintf("%s/%s", test_dir, path);

	*strrchr(full, '/') = '\0';
	assert_int_equal(fs_mkdirs(full, 0700, &err), 0);
	full[strlen(full)] = '/';
	assert_int_equal(fs_write_atomic(full, "x", 1, 0600, &err), 0);
}

static bool is_there(const char *path)
{
	AUTO_FREE char *full = xasprintf("%s/%s", test_dir, path);

	return fs_exists(full);
}

/* Of a process that has been waited for. */
static int dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return (int)pid;
}

static void test_new_files_of_the_dead_go(void **state)
{
	AUTO_FREE char *home = xasprintf("%s/home", test_dir);
	AUTO_FREE char *left = xasprintf("home/blog/VHOST.new.%d", dead_pid());
	AUTO_FREE char *key = xasprintf("home/blog/tls/server.crt.new.%d", dead_pid());
	AUTO_FREE char *mine = xasprintf("home/blog/ENV.new.%d", (int)getpid());

	(void)state;
	assert_int_equal(setenv("DOKKU_ROOT", home, 1), 0);
	touch(left);
	touch(key);
	touch(mine);
	touch("home/blog/nginx.conf.new.d");
	sweep_new_files("blog");
	assert_false(is_there(left));
	assert_false(is_there(key));
	assert_true(is_there(mine));
	assert_true(is_there("home/blog/nginx.conf.new.d"));
}

static void test_locks_of_gone_apps_are_named(void **state)
{
	AUTO(strv_release) struct strv paths = STRV_INIT;
	AUTO_FREE char *own = xasprintf("store/locks/%lld.push", (long long)blog.id);

	(void)state;
	touch(own);
	touch("store/locks/slot.0");
	touch("store/locks/99");
	touch("store/locks/99.push.next");
	assert_int_equal(sweep_gone_locks(&st, &paths, &err), 0);
	assert_int_equal(paths.len, 2);
	strv_foreach(path, &paths)
		assert_non_null(strstr(path, "/store/locks/99"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_files_of_the_dead_go),
		cmocka_unit_test(test_locks_of_gone_apps_are_named),
	};

	return cmocka_run_group_tests(tests, start, test_store_remove);
}
