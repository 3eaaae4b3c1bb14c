/* SPDX-License-Identifier: MIT */
/* Running programs: what they get, what they leave, and how they are ended. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/proc.h"
#include "util/strv.h"

static struct err err;

#define SH(script) ((const char *const[]){ "/bin/sh", "-c", script, NULL })

static struct proc sh(const char *const *argv)
{
	return (struct proc){ .argv = argv, .env = proc_plain_env };
}

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	strv_addf(ctx, "%c:%s", from == PROC_ERR ? 'e' : 'o', line);
}

static void output_is_collected_by_stream(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf bad = BUF_INIT;
	struct proc p = sh(SH("echo a; echo b >&2; exit 3"));
	struct proc_end end;

	(void)state;
	p.out = &out;
	p.err = &bad;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.code, 3);
	assert_false(end.timed_out);
	assert_string_equal(out.data, "a\n");
	assert_string_equal(bad.data, "b\n");
}

static void lines_come_whole_and_the_last_one_too(void **state)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct proc p = sh(SH("printf 'a\\n\\nb'; exec 1>&-; printf 'c\\0d\\n' >&2"));
	struct proc_end end;

	(void)state;
	p.on_line = take_line;
	p.ctx = &lines;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_true(strv_find(&lines, "o:a") >= 0);
	assert_true(strv_find(&lines, "o:") >= 0);
	assert_true(strv_find(&lines, "o:b") >= 0);
	assert_true(strv_find(&lines, "e:c") >= 0);
	assert_int_equal(lines.len, 4);
}

static void count_bytes(void *ctx, enum proc_stream from, const char *line)
{
	(void)from;
	*(size_t *)ctx += strlen(line);
}

static void a_line_without_end_does_not_grow_for_ever(void **state)
{
	struct proc p = sh(SH("head -c 1000000 /dev/zero | tr '\\0' x"));
	struct proc_end end;
	size_t bytes = 0;

	(void)state;
	p.on_line = count_bytes;
	p.ctx = &bytes;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(bytes, 1000000);
}

static void both_streams_keep_their_order_when_merged(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc p = sh(SH("echo a; echo b >&2; echo c"));
	struct proc_end end;

	(void)state;
	p.flags = PROC_MERGE;
	p.out = &out;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_string_equal(out.data, "a\nb\nc\n");
}

static void input_is_there_whole_and_nothing_else(void **state)
{
	AUTO(buf_release) struct buf in = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc p = sh(SH("wc -c | tr -d ' '"));
	struct proc_end end;

	(void)state;
	p.out = &out;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_string_equal(out.data, "0\n");
	for (int i = 0; i < 50000; i++)
		buf_adds(&in, "0123456789");
	buf_reset(&out);
	p.in = &in;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_string_equal(out.data, "500000\n");
}

static void only_what_is_passed_is_inherited(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	/* Not close-on-exec, as a careless library would leave it. */
	AUTO_CLOSE int leak = open("/dev/null", O_RDONLY);
	AUTO_CLOSE int first = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int second = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	struct proc p = sh(SH("for f in /proc/$$/fd/*; do readlink $f; done | "
			      "grep -c -e /etc/ -e /dev/null; readlink /proc/$$/fd/4; "
			      "env | grep -v -e ^PWD -e ^_ | sort | head -n 1"));
	struct proc_end end;

	(void)state;
	p.out = &out;
	p.env = (const char *const[]){ "A=1", "PATH=/usr/bin:/bin", NULL };
	p.pass[0] = first;
	p.pass[1] = second;
	p.pass_count = 2;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	/* stdin is /dev/null, then the two */
	assert_string_equal(out.data, "3\n/etc/passwd\nA=1\n");
	assert_int_equal(fcntl(leak, F_GETFD) & FD_CLOEXEC, 0);
}

static void a_program_starts_with_default_signals(void **state)
{
	struct proc p = sh(SH("kill -PIPE $$; exit 0"));
	struct proc_end end;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.code, 128 + SIGPIPE);
}

static void what_cannot_be_run_is_named(void **state)
{
	struct proc p = sh((const char *const[]){ "/nonexistent/x", NULL });
	struct proc_end end;

	(void)state;
	assert_int_equal(proc_run(&p, &end, &err), -1);
	assert_string_equal(err.text,
			    "cannot run /nonexistent/x: No such file or directory");
}

static void the_time_ends_the_whole_group(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc p = sh(SH("sleep 60 & echo $!; wait"));
	int64_t before = clock_ms();
	struct proc_end end;
	long child;

	(void)state;
	p.out = &out;
	p.timeout_ms = 200;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_true(end.timed_out);
	assert_int_equal(end.code, 128 + SIGKILL);
	assert_true(clock_ms() - before < 5000);
	child = strtol(out.data, NULL, 10);
	assert_true(child > 1);
	for (int i = 0;
	     i < 200 && proc_start_time((pid_t)child) && !proc_is_zombie((pid_t)child);
	     i++)
		clock_sleep_ms(10);
	assert_true(!proc_start_time((pid_t)child) || proc_is_zombie((pid_t)child));
}

static void a_grandchild_that_holds_the_pipes_is_not_waited_for(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc p = sh(SH("sleep 30 & echo $!; exit 4"));
	int64_t before = clock_ms();
	struct proc_end end;

	(void)state;
	p.out = &out;
	p.timeout_ms = 20000;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	(void)kill((pid_t)strtol(out.data, NULL, 10), SIGKILL);
	assert_int_equal(end.code, 4);
	assert_false(end.timed_out);
	assert_true(clock_ms() - before < 5000);
}

static void the_other_end_cancels_by_going_away(void **state)
{
	struct proc p = sh(SH("sleep 30"));
	int64_t before = clock_ms();
	struct proc_end end;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(close(fd[1]), 0);
	p.cancel_fd = fd[0];
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_true(end.cancelled);
	assert_false(end.timed_out);
	assert_true(clock_ms() - before < 5000);
	(void)close(fd[0]);
}

static void a_child_that_we_may_not_kill_is_hung_up_on_and_waited_for(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	/* It sees the end of fd 3, cleans up, and says so. */
	struct proc p = sh(SH("cat <&3; echo cleaned; exit 9"));
	AUTO_CLOSE int other = -1;
	struct proc_end end;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	other = fd[0];
	p.out = &out;
	p.timeout_ms = 100;
	p.pass[p.pass_count++] = other;
	p.hangup_fd = &fd[1];
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(fd[1], -1);
	assert_int_equal(end.code, 9);
	assert_true(end.timed_out);
	assert_string_equal(out.data, "cleaned\n");
}

static void a_started_program_is_waited_for_later(void **state)
{
	struct proc p = sh(SH("exit 7"));
	struct proc_end end;
	pid_t pid;

	(void)state;
	assert_int_equal(proc_start(&p, &pid, &err), 0);
	assert_int_equal(proc_wait(pid, &end, &err), 0);
	assert_int_equal(end.code, 7);
	assert_int_equal(proc_wait(pid, &end, &err), -1);
}

static void a_detached_program_has_nothing_of_ours(void **state)
{
	char file[] = "/tmp/davit-proc.XXXXXX";
	AUTO_CLOSE int fd = mkstemp(file);
	AUTO_CLOSE int leak = open("/etc/passwd", O_RDONLY);
	char script[200];
	AUTO(buf_release) struct buf b = BUF_INIT;

	(void)state;
	(void)snprintf(script, sizeof script,
		       "readlink /proc/$$/fd/* >%s.x; echo end >>%s.x; mv %s.x %s", file,
		       file, file, file);
	assert_int_equal(proc_detach(SH(script), proc_plain_env, &err), 0);
	for (int i = 0; i < 500 && b.len == 0; i++) {
		clock_sleep_ms(10);
		assert_true(fs_read(file, 1000, &b, &err) >= 0);
	}
	(void)unlink(file);
	assert_true(fd >= 0 && leak >= 0);
	assert_non_null(strstr(b.data, "/dev/null\n"));
	assert_non_null(strstr(b.data, "end\n"));
	assert_null(strstr(b.data, "/etc/passwd"));
}

static void a_pid_is_told_from_a_later_one_by_its_start(void **state)
{
	pid_t pid;

	(void)state;
	assert_true(proc_start_time(getpid()) > 0);
	assert_int_equal(proc_start_time(0x7ffffff0), 0);
	assert_false(proc_is_zombie(getpid()));
	assert_true(proc_lives(getpid(), proc_start_time(getpid())));
	assert_false(proc_lives(getpid(), proc_start_time(getpid()) - 1));
	assert_false(proc_lives(getpid(), 0));
	assert_false(proc_lives(0x7ffffff0, 0));
	assert_false(proc_lives(0, 0));
	assert_false(proc_lives(-1, 1));
	pid = fork();
	if (pid == 0)
		_exit(0);
	for (int i = 0; i < 500 && !proc_is_zombie(pid); i++)
		clock_sleep_ms(10);
	assert_true(proc_is_zombie(pid));
	assert_true(proc_lives(pid, proc_start_time(pid)));
	assert_int_equal(proc_wait(pid, &(struct proc_end){ .code = 0 }, &err), 0);
	assert_int_equal(proc_start_time(pid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_collected_by_stream),
		cmocka_unit_test(lines_come_whole_and_the_last_one_too),
		cmocka_unit_test(a_line_without_end_does_not_grow_for_ever),
		cmocka_unit_test(both_streams_keep_their_order_when_merged),
		cmocka_unit_test(input_is_there_whole_and_nothing_else),
		cmocka_unit_test(only_what_is_passed_is_inherited),
		cmocka_unit_test(a_program_starts_with_default_signals),
		cmocka_unit_test(what_cannot_be_run_is_named),
		cmocka_unit_test(the_time_ends_the_whole_group),
		cmocka_unit_test(a_grandchild_that_holds_the_pipes_is_not_waited_for),
		cmocka_unit_test(the_other_end_cancels_by_going_away),
		cmocka_unit_test(
			a_child_that_we_may_not_kill_is_hung_up_on_and_waited_for),
		cmocka_unit_test(a_started_program_is_waited_for_later),
		cmocka_unit_test(a_detached_program_has_nothing_of_ours),
		cmocka_unit_test(a_pid_is_told_from_a_later_one_by_its_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
