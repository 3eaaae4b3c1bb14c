/* SPDX-License-Identifier: MIT */
/* What users see, also when nobody reads it. */
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
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/out.h"

static struct err err;

/* Run `say` in a child whose stdout and stderr are pipes; what came over each. */
struct heard {
	struct buf out;
	struct buf err;
	int status;
};

static void heard_release(struct heard *h)
{
	buf_release(&h->out);
	buf_release(&h->err);
}

static void listen(void (*say)(struct out *o), struct out o, struct heard *h)
{
	int out[2];
	int bad[2];
	pid_t pid;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(bad, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)dup2(out[1], 1);
		(void)dup2(bad[1], 2);
		say(&o);
		_exit(out_flush(&o) ? 0 : 1);
	}
	(void)close(out[1]);
	(void)close(bad[1]);
	assert_int_equal(fs_read_fd(out[0], 1 << 20, &h->out, &err), 0);
	assert_int_equal(fs_read_fd(bad[0], 1 << 20, &h->err, &err), 0);
	(void)close(out[0]);
	(void)close(bad[0]);
	assert_int_equal(waitpid(pid, &h->status, 0), pid);
}

#define HEARD_INIT                                \
	{                                         \
		.out = BUF_INIT, .err = BUF_INIT, \
	}

static void say_all(struct out *o)
{
	out_step(o, "step %d", 1);
	out_title(o, "title");
	out_note(o, "note");
	out_line(o, "line");
	out_warn(o, "warn");
	out_foreign(o, "theirs");
	out_error_line(o, "bare");
	out_bytes(o, "a\0b\n", 4);
}

static void every_kind_has_its_mark(void **state)
{
	AUTO(heard_release) struct heard h = HEARD_INIT;
	static const char want[] = "-----> step 1\n=====> title\n       note\nline\n"
				   "       theirs\na\0b\n";

	(void)state;
	listen(say_all, (struct out){ .quiet = false }, &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.out.len, sizeof want - 1);
	assert_memory_equal(h.out.data, want, sizeof want - 1);
	assert_string_equal(h.err.data, " !     warn\nbare\n");
}

static void quiet_drops_progress_and_no_answer(void **state)
{
	AUTO(heard_release) struct heard h = HEARD_INIT;

	(void)state;
	listen(say_all, (struct out){ .quiet = true }, &h);
	assert_memory_equal(h.out.data, "line\n       theirs\n", 19);
	assert_string_equal(h.err.data, " !     warn\nbare\n");
}

static void merged_warnings_stay_in_order(void **state)
{
	AUTO(heard_release) struct heard h = HEARD_INIT;

	(void)state;
	listen(say_all, (struct out){ .merged = true }, &h);
	assert_non_null(strstr(h.out.data, "line\n !     warn\n       theirs\nbare\n"));
	assert_int_equal(h.err.len, 0);
}

static char log_name[] = "/tmp/davit-out.XXXXXX";

static void chatter(struct out *o)
{
	for (int i = 0; i < 20000; i++)
		out_line(o, "%06d 0123456789 0123456789 0123456789", i);
}

static void a_client_that_does_not_read_stops_nothing(void **state)
{
	int log = mkstemp(log_name);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int64_t before = clock_ms();
	int status;
	int fd[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct out o = { .log_fd = log };

		(void)dup2(fd[1], 1);
		chatter(&o);
		_exit(o.client_gone ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(clock_ms() - before < 10000);
	(void)close(fd[0]);
	(void)close(fd[1]);
	(void)close(log);
	assert_int_equal(fs_read(log_name, 10 << 20, &text, &err), 0);
	(void)unlink(log_name);
	assert_non_null(strstr(text.data, "\n019999 "));
}

static void a_client_that_is_gone_is_noticed(void **state)
{
	struct out o = { .log_fd = 0 };
	int was = dup(1);
	int fd[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	(void)close(fd[0]);
	(void)dup2(fd[1], 1);
	out_line(&o, "anybody?");
	(void)dup2(was, 1);
	(void)close(was);
	(void)close(fd[1]);
	assert_false(out_flush(&o));
}

static void write_to_a_full_pipe(struct out *o)
{
	(void)fcntl(1, F_SETFL, O_WRONLY | O_NONBLOCK);
	chatter(o);
}

static void a_pipe_that_somebody_made_non_blocking_loses_nothing(void **state)
{
	AUTO(heard_release) struct heard h = HEARD_INIT;

	(void)state;
	listen(write_to_a_full_pipe, (struct out){ .quiet = false }, &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.out.len, 20000 * 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_its_mark),
		cmocka_unit_test(quiet_drops_progress_and_no_answer),
		cmocka_unit_test(merged_warnings_stay_in_order),
		cmocka_unit_test(a_client_that_does_not_read_stops_nothing),
		cmocka_unit_test(a_client_that_is_gone_is_noticed),
		cmocka_unit_test(a_pipe_that_somebody_made_non_blocking_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
