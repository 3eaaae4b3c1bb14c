/* SPDX-License-Identifier: MIT */
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

#include "plugins/git/git.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/proc.h"

/* A relay in a process of its own, as sshd would start it. */
struct relayed {
	pid_t pid;
	int out; /* what the client reads */
	int err;
	char note[64]; /* a file that the program writes at its end */
};

static void start(struct relayed *r, const char *script)
{
	int out[2];
	int err[2];

	(void)snprintf(r->note, sizeof r->note, "/tmp/relay-test.XXXXXX");
	int fd = mkstemp(r->note);

	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		const char *const argv[] = {
			"/bin/sh", "-c", script, "sh", r->note, NULL
		};
		struct err why;
		int code = 99;

		(void)signal(SIGPIPE, SIG_IGN);
		(void)dup2(out[1], 1);
		(void)dup2(err[1], 2);
		(void)close_range(3, ~0U, 0);
		if (git_relay(argv, proc_plain_env, 0, &code, &why) < 0)
			code = 98;
		_exit(code);
	}
	(void)close(out[1]);
	(void)close(err[1]);
	r->out = out[0];
	r->err = err[0];
}

static int finish(struct relayed *r)
{
	int status;

	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	(void)close(r->out);
	(void)close(r->err);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_note(struct relayed *r, const char *want)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err err;

	assert_int_equal(fs_read(r->note, 4096, &text, &err), 0);
	assert_string_equal(text.data, want);
	assert_int_equal(unlink(r->note), 0);
}

static void read_all(int fd, struct buf *to)
{
	while (buf_read(to, fd, 65536) > 0)
		;
}

static void both_streams_and_the_status_come_through(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf err = BUF_INIT;
	struct relayed r;

	(void)state;
	start(&r, "echo one; echo two >&2; printf '\\000three'; echo done >$1; exit 7");
	read_all(r.out, &out);
	read_all(r.err, &err);
	assert_int_equal(finish(&r), 7);
	assert_int_equal(out.len, 10);
	assert_memory_equal(out.data, "one\n\0three", 10);
	assert_string_equal(err.data, "two\n");
	expect_note(&r, "done\n");
}

static void a_megabyte_comes_through_whole(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct relayed r;

	(void)state;
	start(&r, "head -c 3000000 /dev/zero");
	read_all(r.out, &out);
	assert_int_equal(finish(&r), 0);
	assert_int_equal(out.len, 3000000);
	(void)unlink(r.note);
}

/* Descriptor 3 becomes readable (its end) when the client is lost: cat returns then. */
#define UNTIL_CANCELLED "echo started; cat <&3; "

static void wait_started(struct relayed *r)
{
	char byte;

	assert_int_equal(read(r->out, &byte, 1), 1);
}

static void a_lost_client_is_told_and_the_program_ends_by_itself(void **state)
{
	struct relayed r;

	(void)state;
	start(&r, UNTIL_CANCELLED "echo to nobody; echo to nobody >&2; echo told >$1");
	wait_started(&r);
	(void)close(r.out);
	(void)close(r.err);
	r.out = r.err = -1;
	assert_int_equal(finish(&r), 0);
	expect_note(&r, "told\n");
}

static void a_termination_counts_as_a_lost_client(void **state)
{
	struct relayed r;

	(void)state;
	start(&r, UNTIL_CANCELLED "echo told >$1; exit 3");
	wait_started(&r);
	assert_int_equal(kill(r.pid, SIGTERM), 0);
	assert_int_equal(finish(&r), 3);
	expect_note(&r, "told\n");
}

static void a_killed_relay_tells_the_program_too(void **state)
{
	struct relayed r;
	int status;
	struct err err;

	(void)state;
	start(&r, "trap '' PIPE HUP; " UNTIL_CANCELLED "echo told >$1");
	wait_started(&r);
	assert_int_equal(kill(r.pid, SIGKILL), 0);
	assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
	for (int i = 0; i < 500; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;

		assert_int_equal(fs_read(r.note, 4096, &text, &err), 0);
		if (text.len)
			break;
		clock_sleep_ms(10);
	}
	expect_note(&r, "told\n");
	(void)close(r.out);
	(void)close(r.err);
}

static void a_client_that_does_not_read_stops_nothing(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct relayed r;
	struct err err;

	(void)state;
	start(&r, "head -c 4000000 /dev/zero; echo done >$1");
	/* Nothing is read until the program has said that it is through. */
	for (int i = 0; i < 500 && !text.len; i++) {
		clock_sleep_ms(10);
		assert_int_equal(fs_read(r.note, 4096, &text, &err), 0);
	}
	assert_string_equal(text.data, "done\n");
	read_all(r.out, &out);
	assert_int_equal(out.len, 4000000);
	assert_int_equal(finish(&r), 0);
	(void)unlink(r.note);
}

static void a_grandchild_that_keeps_the_pipes_does_not_keep_us(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct relayed r;
	int64_t since = clock_ms();

	(void)state;
	start(&r, "sleep 30 & echo $! >$1; echo said");
	read_all(r.out, &out);
	assert_int_equal(finish(&r), 0);
	assert_string_equal(out.data, "said\n");
	assert_true(clock_ms() - since < 10000);

	AUTO(buf_release) struct buf pid = BUF_INIT;
	struct err err;
	long n;

	assert_int_equal(fs_read(r.note, 100, &pid, &err), 0);
	n = strtol(pid.data, NULL, 10);
	assert_true(n > 1);
	(void)kill((pid_t)n, SIGKILL);
	(void)unlink(r.note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_streams_and_the_status_come_through),
		cmocka_unit_test(a_megabyte_comes_through_whole),
		cmocka_unit_test(a_lost_client_is_told_and_the_program_ends_by_itself),
		cmocka_unit_test(a_termination_counts_as_a_lost_client),
		cmocka_unit_test(a_killed_relay_tells_the_program_too),
		cmocka_unit_test(a_client_that_does_not_read_stops_nothing),
		cmocka_unit_test(a_grandchild_that_keeps_the_pipes_does_not_keep_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
