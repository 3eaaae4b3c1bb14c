/* SPDX-License-Identifier: MIT */
/* One deploy per app at a time: the queue, the lock, and what is inside a deploy. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy/lock.h"
#include "deploy/work.h"
#include "plugin/plugin.h"
#include "store/property.h"
#include "test_blog.h"
#include "test_capture.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/proc.h"

/* No plugin at all. */
const struct plugin *const core_plugins[] = { NULL };
const size_t core_plugins_count = 0;

static struct app shop;

static int start(void **state)
{
	(void)blog_start(state);
	test_app(&st, "shop", &shop);
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)unsetenv("DAVIT_CANCEL_FD");
	store_close(&st);
	return 0;
}

/* --- runs in children --------------------------------------------------------------- */

enum { GOT_IT = 0, REFUSED = 1, SUPERSEDED = 2, CANCELLED = 3, LOCKED = 4 };

struct runner {
	pid_t pid;
	int go; /* write to it: the run ends */
};

static int why(const struct err *e)
{
	return strstr(e->text, "superseded")    ? SUPERSEDED
	       : strstr(e->text, "cancelled")   ? CANCELLED
	       : strstr(e->text, "deploy lock") ? LOCKED
						: REFUSED;
}

static _Noreturn void run(const struct app *app, const char *kind, int go, int cancel)
{
	struct store own = STORE_INIT;
	struct out out = { .quiet = true };
	struct work w = { .st = &own, .out = &out, .app = *app };
	struct err e;
	char c;

	(void)dup2(open("/dev/null", O_WRONLY), 1);
	if (store_open(&own, true, &e) < 0)
		_exit(REFUSED);
	if (cancel >= 0) {
		char text[16];

		(void)snprintf(text, sizeof text, "%d", cancel);
		(void)setenv("DAVIT_CANCEL_FD", text, 1);
	}
	if (work_start(&w, kind, "test", "", &e) < 0)
		_exit(why(&e));
	if (read(go, &c, 1) != 1)
		_exit(REFUSED);
	work_end(&w, 0, NULL);
	_exit(GOT_IT);
}

/* How many rows are in this state? */
static int rows(const char *state)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	assert_int_equal(store_query(&st, &q, &err,
				     "SELECT count(*) FROM deploy WHERE state = ?1", "s",
				     state),
			 0);
	assert_int_equal(store_step(&st, q, &err), 0);
	return sqlite3_column_int(q, 0);
}

static void wait_for(const char *state, int count)
{
	for (int i = 0; i < 1000 && rows(state) != count; i++)
		clock_sleep_ms(5);
	assert_int_equal(rows(state), count);
}

static struct runner begin(const struct app *app, const char *kind, int cancel)
{
	struct runner r;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	r.pid = fork();
	if (r.pid == 0) {
		(void)close(fd[1]);
		run(app, kind, fd[0], cancel);
	}
	(void)close(fd[0]);
	r.go = fd[1];
	return r;
}

static int finish(struct runner *r)
{
	ssize_t n = write(r->go, "x", 1);
	int status;

	(void)n; /* it may have ended already */
	(void)close(r->go);
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_second_deploy_waits_for_the_first(void **state)
{
	struct runner one = begin(&blog, "deploy", -1);
	struct runner two;

	(void)state;
	wait_for("running", 1);
	two = begin(&blog, "deploy", -1);
	wait_for("waiting", 1);
	assert_int_equal(rows("running"), 1);
	assert_int_equal(finish(&one), GOT_IT);
	wait_for("running", 1);
	assert_int_equal(rows("succeeded"), 1);
	assert_int_equal(finish(&two), GOT_IT);
	assert_int_equal(rows("succeeded"), 2);
}

/* How many builds may run side by side. */
static void parallel(const char *count)
{
	assert_int_equal(
		property_set(&st, STORE_GLOBAL, "builds", "parallel", count, &err), 0);
}

static void apps_do_not_wait_for_each_other(void **state)
{
	struct runner one;
	struct runner two;

	(void)state;
	parallel("2");
	one = begin(&blog, "build", -1);
	two = begin(&shop, "build", -1);
	wait_for("running", 2);
	assert_int_equal(finish(&one), GOT_IT);
	assert_int_equal(finish(&two), GOT_IT);
}

static void builds_of_different_apps_share_the_slots_of_the_host(void **state)
{
	struct app docs;
	struct runner one;
	struct runner two;
	struct runner three;
	struct runner change;

	(void)state;
	test_app(&st, "docs", &docs);
	parallel("1");
	one = begin(&blog, "build", -1);
	wait_for("running", 1);
	two = begin(&shop, "build", -1);
	wait_for("waiting", 1);
	three = begin(&docs, "build", -1);
	wait_for("waiting", 2);
	parallel("2"); /* heard at once, by the one whose turn it is */
	wait_for("running", 2);
	assert_int_equal(rows("waiting"), 1);
	assert_int_equal(finish(&two), GOT_IT);
	wait_for("running", 2);
	assert_int_equal(finish(&one), GOT_IT);
	parallel("1");
	/* What builds nothing does not wait. */
	change = begin(&shop, "deploy", -1);
	wait_for("running", 2);
	assert_int_equal(finish(&change), GOT_IT);
	assert_int_equal(finish(&three), GOT_IT);
	assert_int_equal(rows("succeeded"), 4);
}

static void a_slot_dies_with_its_process(void **state)
{
	struct runner one;
	struct runner two;

	(void)state;
	parallel("1");
	one = begin(&blog, "build", -1);
	wait_for("running", 1);
	two = begin(&shop, "build", -1);
	wait_for("waiting", 1);
	assert_int_equal(kill(one.pid, SIGKILL), 0);
	assert_int_equal(finish(&one), -1);
	wait_for("running", 2);
	assert_int_equal(finish(&two), GOT_IT);
}

/* As plugins/git does it: the ticket of a push that waits with its client. */
static void a_push_gives_way_to_one_that_waits_with_its_client(void **state)
{
	AUTO_FREE char *next = paths_in(paths_root(), "store/next");
	char ticket[64];
	struct runner busy;
	struct runner older;

	(void)state;
	parallel("1");
	busy = begin(&shop, "build", -1);
	wait_for("running", 1);
	(void)setenv("DAVIT_PUSH_NEXT", next, 1);
	(void)setenv("DAVIT_PUSH_TICKET", "1 1", 1);
	older = begin(&blog, "build", -1);
	wait_for("waiting", 1);
	/* One that is gone, or began at another time, waits for nothing. */
	(void)snprintf(ticket, sizeof ticket, "%d 1", (int)getpid());
	assert_int_equal(fs_write_atomic(next, ticket, strlen(ticket), 0600, &err), 0);
	clock_sleep_ms(200);
	assert_int_equal(rows("waiting"), 1);
	(void)snprintf(ticket, sizeof ticket, "%d %llu", (int)getpid(),
		       proc_start_time(getpid()));
	assert_int_equal(fs_write_atomic(next, ticket, strlen(ticket), 0600, &err), 0);
	wait_for("superseded", 1);
	(void)unsetenv("DAVIT_PUSH_NEXT");
	(void)unsetenv("DAVIT_PUSH_TICKET");
	assert_int_equal(finish(&older), SUPERSEDED);
	assert_int_equal(finish(&busy), GOT_IT);
}

static void the_lock_dies_with_its_process(void **state)
{
	struct runner one = begin(&blog, "deploy", -1);
	struct runner two;

	(void)state;
	wait_for("running", 1);
	two = begin(&blog, "deploy", -1);
	wait_for("waiting", 1);
	assert_int_equal(kill(one.pid, SIGKILL), 0);
	assert_int_equal(finish(&one), -1);
	wait_for("running", 2); /* the dead one's row is for recovery to close */
	assert_int_equal(finish(&two), GOT_IT);
}

static void a_newer_push_takes_the_place_of_one_that_waits(void **state)
{
	struct runner busy = begin(&blog, "build", -1);
	struct runner older;
	struct runner newer;

	(void)state;
	wait_for("running", 1);
	older = begin(&blog, "build", -1);
	wait_for("waiting", 1);
	newer = begin(&blog, "build", -1);
	wait_for("superseded", 1);
	assert_int_equal(finish(&older), SUPERSEDED);
	assert_int_equal(finish(&busy), GOT_IT);
	wait_for("running", 1);
	assert_int_equal(finish(&newer), GOT_IT);
}

static void other_deploys_are_not_replaced_and_keep_their_order(void **state)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	struct runner busy = begin(&blog, "deploy", -1);
	struct runner next[3];

	(void)state;
	wait_for("running", 1);
	for (int i = 0; i < 3; i++) {
		next[i] = begin(&blog, i == 1 ? "build" : "deploy", -1);
		wait_for("waiting", i + 1);
	}
	assert_int_equal(finish(&busy), GOT_IT);
	for (int i = 0; i < 3; i++) {
		wait_for("waiting", 2 - i);
		wait_for("running", 1);
		deploys_release(&open);
		assert_int_equal(deploy_open(&st, blog.id, &open, &err), 0);
		assert_string_equal(open.v[0].state, "running");
		assert_int_equal(open.v[0].pid, next[i].pid);
		assert_int_equal(finish(&next[i]), GOT_IT);
	}
}

static void a_client_that_goes_leaves_the_queue(void **state)
{
	struct runner busy = begin(&blog, "deploy", -1);
	struct runner two;
	int fd[2];

	(void)state;
	wait_for("running", 1);
	assert_int_equal(pipe(fd), 0);
	two = begin(&blog, "deploy", fd[0]);
	wait_for("waiting", 1);
	/* It is readable: as good as hung up, for a child that has both ends. */
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_int_equal(finish(&two), CANCELLED);
	assert_int_equal(rows("canceled"), 1);
	(void)close(fd[0]);
	(void)close(fd[1]);
	assert_int_equal(finish(&busy), GOT_IT);
}

static void a_locked_app_is_not_deployed(void **state)
{
	struct runner one;

	(void)state;
	assert_int_equal(app_set_locked(&st, blog.id, true, &err), 0);
	one = begin(&blog, "build", -1);
	assert_int_equal(finish(&one), LOCKED);
	assert_int_equal(rows("failed"), 1);
}

static void a_lock_that_is_only_tried_is_not_waited_for(void **state)
{
	AUTO_CLOSE int mine = -1;
	AUTO_CLOSE int other = -1;

	(void)state;
	assert_int_equal(lock_try(blog.id, &mine, &err), 0);
	assert_int_equal(lock_try(blog.id, &other, &err), LOCK_BUSY);
	assert_int_equal(other, -1);
	assert_int_equal(lock_try(shop.id, &other, &err), 0);
}

/* This program again, as a davit that a hook has started. */
static bool nested_is_inside(int64_t app, int fd)
{
	char id[24];
	char env[96];
	struct proc_end e;
	struct proc p = {
		.argv = (const char *const[]){ "/proc/self/exe", "nested", id, NULL },
		.env = (const char *const[]){ env, "DAVIT_DEPLOY_LOCK_FD=3",
					      "ASAN_OPTIONS=detect_leaks=0", NULL },
	};

	(void)snprintf(id, sizeof id, "%lld", (long long)app);
	(void)snprintf(env, sizeof env, "DAVIT_ROOT=%s", test_dir);
	if (fd >= 0)
		p.pass[p.pass_count++] = fd;
	assert_int_equal(proc_run(&p, &e, &err), 0);
	return e.code == 0;
}

static void a_deploy_knows_what_is_inside_it(void **state)
{
	struct out out = { .quiet = true };
	struct work w = { .st = &st, .out = &out, .app = blog };
	AUTO_CLOSE int left = -1;
	struct capture said;

	(void)state;
	assert_false(lock_inherited(blog.id));
	capture_start(&said);
	assert_int_equal(work_start(&w, "deploy", "test", "", &err), 0);
	capture_end(&said);
	capture_release(&said);
	assert_true(lock_inherited(blog.id)); /* our own process too */
	assert_false(lock_inherited(shop.id));
	assert_true(nested_is_inside(blog.id, w.lock_fd));
	assert_false(nested_is_inside(shop.id, w.lock_fd));
	assert_false(nested_is_inside(blog.id, -1));
	left = fcntl(w.lock_fd, F_DUPFD_CLOEXEC, 20);
	work_end(&w, 0, NULL);
	assert_false(lock_inherited(blog.id));
	/* What a hook has left behind is inside of nothing, */
	assert_false(nested_is_inside(blog.id, left));
	/* not even while another one deploys. */
	assert_int_equal(lock_try(blog.id, &w.lock_fd, &err), 0);
	assert_false(nested_is_inside(blog.id, left));
	close_now(&w.lock_fd);
}

static void a_result_is_in_the_row_and_in_the_log(void **state)
{
	struct out out = { .quiet = false };
	struct work w = { .st = &st, .out = &out, .app = blog };
	AUTO(buf_release) struct buf log = BUF_INIT;
	struct capture said;
	struct deploy row;

	(void)state;
	capture_start(&said);
	assert_int_equal(work_start(&w, "build", "git-push", "abc", &err), 0);
	assert_true(out.merged);
	out_step(&out, "working");
	assert_int_equal(work_step(&w, "build", &err), 0);
	(void)err_set(&err, ERR_APP, "the cause");
	(void)err_hint(&err, "the way on");
	work_end(&w, -1, &err);
	capture_end(&said);
	capture_release(&said);
	assert_false(out.merged);
	assert_int_equal(out.log_fd, 0);
	assert_int_equal(deploy_find(&st, w.row.public_id, &row, &err), 0);
	assert_string_equal(row.state, "failed");
	assert_string_equal(row.step, "build");
	assert_string_equal(row.revision, "abc");
	assert_int_equal(row.exit_code, 1);
	assert_true(row.finished_at > 0);
	assert_int_equal(fs_read(w.log_path, 1000, &log, &err), 0);
	assert_string_equal(log.data,
			    "-----> working\n !     the cause\n !     the way on\n");
}

static void nothing_is_begun_for_a_client_that_is_gone(void **state)
{
	struct out out = { .quiet = true };
	struct work w = { .st = &st, .out = &out, .app = blog };
	struct capture said;
	struct deploy row;
	char text[16];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	(void)snprintf(text, sizeof text, "%d", fd[0]);
	(void)setenv("DAVIT_CANCEL_FD", text, 1);
	capture_start(&said);
	assert_int_equal(work_start(&w, "build", "git-push", "", &err), 0);
	assert_int_equal(work_step(&w, "source", &err), 0);
	(void)close(fd[1]);
	assert_true(work_cancelled(&w));
	assert_int_equal(work_step(&w, "build", &err), -1);
	capture_end(&said);
	capture_release(&said);
	assert_non_null(strstr(err.text, "cancelled"));
	w.switched = true; /* from there on nothing cancels */
	assert_false(work_cancelled(&w));
	w.switched = false;
	work_end(&w, -1, &err);
	assert_int_equal(deploy_find(&st, w.row.public_id, &row, &err), 0);
	assert_string_equal(row.state, "canceled");
	assert_string_equal(row.step, "source");
	(void)close(fd[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_second_deploy_waits_for_the_first),
		TEST(apps_do_not_wait_for_each_other),
		TEST(builds_of_different_apps_share_the_slots_of_the_host),
		TEST(a_slot_dies_with_its_process),
		TEST(a_push_gives_way_to_one_that_waits_with_its_client),
		TEST(the_lock_dies_with_its_process),
		TEST(a_newer_push_takes_the_place_of_one_that_waits),
		TEST(other_deploys_are_not_replaced_and_keep_their_order),
		TEST(a_client_that_goes_leaves_the_queue),
		TEST(a_locked_app_is_not_deployed),
		TEST(a_lock_that_is_only_tried_is_not_waited_for),
		TEST(a_deploy_knows_what_is_inside_it),
		TEST(a_result_is_in_the_row_and_in_the_log),
		TEST(nothing_is_begun_for_a_client_that_is_gone),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "nested") == 0)
		return lock_inherited(strtoll(argv[2], NULL, 10)) ? 0 : 1;
	return cmocka_run_group_tests(tests, NULL, test_store_remove);
}
