/* SPDX-License-Identifier: MIT */
/* Probing a small server of the test's own. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy/probe.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"

/* A child that accepts one connection, reads the request, writes `answer`, and then closes
 * (or keeps the connection open until it is killed). */
struct server {
	long port;
	pid_t pid;
	int said; /* what it was asked */
};

static int listen_on(long *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static _Noreturn void serve(int fd, int said, const char *answer, size_t len, bool keep)
{
	char request[4096];
	int c = accept(fd, NULL, NULL);
	ssize_t n = read(c, request, sizeof request);

	if (n > 0)
		(void)fs_write_all(said, request, (size_t)n);
	(void)close(said);
	(void)fs_write_all(c, answer, len);
	if (keep)
		(void)pause();
	(void)close(c);
	_exit(0);
}

static void server_start(struct server *s, const char *answer, size_t len, bool keep)
{
	int pipefd[2];
	int fd = listen_on(&s->port);

	assert_int_equal(pipe(pipefd), 0);
	s->pid = fork();
	if (s->pid == 0)
		serve(fd, pipefd[1], answer, len, keep);
	(void)close(fd);
	(void)close(pipefd[1]);
	s->said = pipefd[0];
}

static void server_end(struct server *s)
{
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	(void)close(s->said);
}

static struct health want(const char *content)
{
	return (struct health){ .probe = HEALTH_PATH,
				.path = (char *)"/up",
				.content = (char *)content,
				.timeout_ms = 1500,
				.headers = STRV_INIT };
}

static bool ask_len(const char *answer, size_t len, bool keep, struct health h,
		    struct buf *why)
{
	struct server s;
	struct probe_target t = { .address = "127.0.0.1",
				  .host = "blog.example",
				  .proto = "https" };
	bool fine;

	server_start(&s, answer, len, keep);
	t.port = s.port;
	buf_reset(why);
	fine = probe_http(&t, &h, why);
	server_end(&s);
	return fine;
}

static bool ask(const char *answer, bool keep, const char *content, struct buf *why)
{
	return ask_len(answer, strlen(answer), keep, want(content), why);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static void answers_of_2xx_and_3xx_are_fine(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;

	(void)state;
	assert_true(ask(OK, false, NULL, &why));
	assert_true(ask("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", false, NULL, &why));
	assert_true(ask("HTTP/1.0 204 \r\n\r\n", false, NULL, &why));
	assert_int_equal(why.len, 0);
}

static void other_answers_are_named(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;

	(void)state;
	assert_false(ask("HTTP/1.1 500 Oops\r\n\r\n", false, NULL, &why));
	assert_string_equal(why.data, "GET /up answered 500");
	assert_false(ask("HTTP/1.1 404 Not Found\r\n\r\n", false, NULL, &why));
	assert_string_equal(why.data, "GET /up answered 404");
	assert_false(ask("SSH-2.0-OpenSSH_9.2\r\n\r\n", false, NULL, &why));
	assert_string_equal(why.data, "GET /up was answered by something else than HTTP");
	assert_false(ask("", false, NULL, &why));
	assert_string_equal(why.data, "GET /up was answered by something else than HTTP");
}

static void the_content_must_be_in_the_body(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;

	(void)state;
	assert_true(ask(OK, false, "hell", &why));
	assert_false(ask(OK, false, "Content-Length", &why));
	assert_string_equal(why.data, "GET /up answered 200 without 'Content-Length'");
	assert_false(ask("HTTP/1.1 200 OK\r\n\r\n", false, "x", &why));
	assert_true(ask_len("HTTP/1.1 200 OK\r\n\r\na\0hello", 26, false, want("hello"),
			    &why));
}

static void an_open_connection_is_not_waited_for(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	int64_t before = clock_ms();

	(void)state;
	assert_true(ask(OK, true, NULL, &why));
	assert_true(ask(OK, true, "hello", &why));
	assert_true(clock_ms() - before < 1200);
	/* ... but what is missing may still come */
	assert_false(ask(OK, true, "good bye", &why));
	assert_string_equal(why.data, "GET /up answered 200 without 'good bye'");
	assert_true(clock_ms() - before >= 1500);
}

static void silence_ends_with_the_time(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	int64_t before = clock_ms();

	(void)state;
	assert_false(ask("HTTP/1.1 200 OK\r\n", true, NULL, &why));
	assert_true(clock_ms() - before < 5000);
	assert_non_null(strstr(why.data, "timed out"));
}

static void a_closed_port_is_said(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	struct probe_target t = { .address = "127.0.0.1", .host = "x", .proto = "http" };
	struct health h = want(NULL);
	int fd = listen_on(&t.port);

	(void)state;
	assert_true(probe_connect("127.0.0.1", t.port, 500));
	(void)close(fd);
	assert_false(probe_connect("127.0.0.1", t.port, 500));
	assert_false(probe_connect("not an address", t.port, 500));
	assert_false(probe_http(&t, &h, &why));
	assert_non_null(strstr(why.data, "no connection to port"));
}

static void the_request_is_as_a_visitor_makes_it(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	AUTO(buf_release) struct buf got = BUF_INIT;
	struct server s;
	struct health h = want(NULL);
	struct err err;

	(void)state;
	server_start(&s, OK, strlen(OK), false);

	struct probe_target t = { .address = "127.0.0.1",
				  .port = s.port,
				  .host = "blog.example",
				  .proto = "https" };

	strv_add(&h.headers, "X-Mine: 1");
	assert_true(probe_http(&t, &h, &why));
	assert_int_equal(fs_read_fd(s.said, 10000, &got, &err), 0);
	server_end(&s);
	strv_release(&h.headers);
	assert_memory_equal(got.data, "GET /up HTTP/1.1\r\nHost: blog.example\r\n", 38);
	assert_non_null(strstr(got.data, "\r\nX-Forwarded-Proto: https\r\n"));
	assert_non_null(strstr(got.data, "\r\nX-Forwarded-Port: 443\r\n"));
	assert_non_null(strstr(got.data, "\r\nX-Mine: 1\r\n"));
}

static void a_host_of_the_check_stands_for_the_apps(void **state)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	AUTO(buf_release) struct buf got = BUF_INIT;
	struct server s;
	struct health h = want(NULL);
	struct err err;

	(void)state;
	server_start(&s, OK, strlen(OK), false);

	struct probe_target t = {
		.address = "127.0.0.1", .port = s.port, .host = "a", .proto = "http"
	};

	strv_add(&h.headers, "host: other.example");
	assert_true(probe_http(&t, &h, &why));
	assert_int_equal(fs_read_fd(s.said, 10000, &got, &err), 0);
	server_end(&s);
	strv_release(&h.headers);
	assert_null(strstr(got.data, "Host: a\r\n"));
	assert_non_null(strstr(got.data, "\r\nhost: other.example\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_2xx_and_3xx_are_fine),
		cmocka_unit_test(other_answers_are_named),
		cmocka_unit_test(the_content_must_be_in_the_body),
		cmocka_unit_test(an_open_connection_is_not_waited_for),
		cmocka_unit_test(silence_ends_with_the_time),
		cmocka_unit_test(a_closed_port_is_said),
		cmocka_unit_test(the_request_is_as_a_visitor_makes_it),
		cmocka_unit_test(a_host_of_the_check_stands_for_the_apps),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
