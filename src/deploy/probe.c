/* SPDX-License-Identifier: MIT */
#include "deploy/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"

#define BODY_MAX (1u << 20)

static socklen_t fill_address(const char *text, long port, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof *to);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof *v6;
	}
	return 0;
}

/* A connected, non-blocking socket, or -1 with errno. */
static int connect_within(const char *address, long port, int64_t deadline)
{
	struct sockaddr_storage to;
	socklen_t len = fill_address(address, port, &to);
	AUTO_CLOSE int fd = -1;
	int problem = 0;
	socklen_t size = sizeof problem;

	if (!len) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, len) == 0)
		return take_fd(&fd);
	if (errno != EINPROGRESS)
		return -1;

	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int64_t left = deadline - clock_ms();

	if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) < 0 || problem) {
		errno = problem ? problem : errno;
		return -1;
	}
	return take_fd(&fd);
}

bool probe_connect(const char *address, long port, int timeout_ms)
{
	AUTO_CLOSE int fd = connect_within(address, port, clock_ms() + timeout_ms);

	return fd >= 0;
}

static void write_request(struct buf *b, const struct probe_target *t,
			  const struct health *h)
{
	bool has_host = false;

	strv_foreach(header, &h->headers)
		has_host = has_host || strncasecmp(header, "host:", 5) == 0;
	buf_addf(b, "GET %s HTTP/1.1\r\n", h->path);
	if (!has_host)
		buf_addf(b, "Host: %s\r\n", t->host);
	buf_addf(b, "X-Forwarded-Proto: %s\r\nX-Forwarded-For: 127.0.0.1\r\n",
		 h->scheme ? h->scheme : t->proto);
	buf_addf(b, "X-Forwarded-Port: %s\r\n",
		 strcmp(h->scheme ? h->scheme : t->proto, "https") == 0 ? "443" : "80");
	buf_adds(b, "User-Agent: davit-check\r\nAccept: */*\r\nConnection: close\r\n");
	strv_foreach(header, &h->headers)
		buf_addf(b, "%s\r\n", header);
	buf_adds(b, "\r\n");
}

/* The body so far; NULL while the header is not whole. */
static const char *body_of(const struct buf *b)
{
	const char *end = memmem(b->data, b->len, "\r\n\r\n", 4);

	return end ? end + 4 : NULL;
}

static bool body_holds(const struct buf *b, const char *content)
{
	const char *body = body_of(b);

	return body &&
	       memmem(body, b->len - (size_t)(body - b->data), content, strlen(content));
}

/*
 * Read until all is known that was asked, the end, the bound or the deadline: a server may
 * keep the connection open, or never end its answer.  False when no answer came.
 */
static bool read_answer(int fd, const struct health *h, int64_t deadline, struct buf *b)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - clock_ms();
		ssize_t n;

		if (body_of(b) && (!h->content || body_holds(b, h->content)))
			return true;
		if (left <= 0 || poll(&p, 1, (int)left) <= 0) {
			errno = ETIMEDOUT;
			return body_of(b) != NULL;
		}
		n = buf_read(b, fd, 16384);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0 || b->len > BODY_MAX)
			return n >= 0;
	}
}

static bool judge(const struct buf *b, const struct health *h, struct buf *why)
{
	long status = 0;

	if (strncmp(b->data, "HTTP/1.", 7) == 0 && b->len > 12)
		status = strtol(b->data + 9, NULL, 10);
	if (status < 200 || status >= 400) {
		if (status)
			buf_addf(why, "GET %s answered %ld", h->path, status);
		else
			buf_addf(why, "GET %s was answered by something else than HTTP",
				 h->path);
		return false;
	}
	if (h->content && !body_holds(b, h->content)) {
		buf_addf(why, "GET %s answered %ld without '%s'", h->path, status,
			 h->content);
		return false;
	}
	return true;
}

bool probe_http(const struct probe_target *t, const struct health *h, struct buf *why)
{
	AUTO(buf_release) struct buf request = BUF_INIT;
	AUTO(buf_release) struct buf answer = BUF_INIT;
	int64_t deadline = clock_ms() + h->timeout_ms;
	long port = h->port ? h->port : t->port;
	AUTO_CLOSE int fd = connect_within(t->address, port, deadline);

	if (fd < 0) {
		buf_addf(why, "no connection to port %ld: %s", port, strerror(errno));
		return false;
	}
	write_request(&request, t, h);
	if (fs_write_all(fd, request.data, request.len) < 0 ||
	    !read_answer(fd, h, deadline, &answer)) {
		buf_addf(why, "GET %s: %s within %d s", h->path, strerror(errno),
			 h->timeout_ms / 1000);
		return false;
	}
	return judge(&answer, h, why);
}
