/* SPDX-License-Identifier: MIT */
/*
 * The least web app there is, for measuring what stands before it:
 *
 *     backend ADDRESS PORT MARKER [DELAY_MS]
 *
 * One process, one epoll loop.  Answers every request with MARKER, after DELAY_MS, and
 * keeps the connection unless the request says "Connection: close" or speaks HTTP/1.0.
 * On SIGTERM it dies at once: what was in flight is lost, and the bench sees it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 4096, REQUEST_MAX = 8192, EVENTS = 256 };

struct client {
	char request[REQUEST_MAX];
	size_t len;
	long long due_ms; /* when the answer goes out, or 0 */
	bool close_after;
};

static struct client clients[CLIENTS];
static const char *marker;
static int delay_ms;
static int waiting; /* answers that are due later */

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void hang_up(int fd)
{
	if (clients[fd].due_ms)
		waiting--;
	(void)close(fd);
	clients[fd].len = 0;
	clients[fd].due_ms = 0;
}

static void answer(int fd)
{
	struct client *c = &clients[fd];
	char text[256];
	int n = snprintf(text, sizeof text,
			 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			 "Content-Length: %zu\r\nConnection: %s\r\n\r\n%s\n",
			 strlen(marker) + 1, c->close_after ? "close" : "keep-alive",
			 marker);

	if (c->due_ms)
		waiting--;
	c->due_ms = 0;
	c->len = 0;
	if (write(fd, text, (size_t)n) != n || c->close_after)
		hang_up(fd);
}

static void read_request(int fd)
{
	struct client *c = &clients[fd];
	ssize_t n = read(fd, c->request + c->len, sizeof c->request - 1 - c->len);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			hang_up(fd);
		return;
	}
	c->len += (size_t)n;
	c->request[c->len] = '\0';
	if (!strstr(c->request, "\r\n\r\n"))
		return;
	c->close_after = strcasestr(c->request, "\r\nconnection: close") ||
			 strstr(c->request, " HTTP/1.0\r\n");
	if (delay_ms == 0) {
		answer(fd);
		return;
	}
	c->due_ms = now_ms() + delay_ms;
	waiting++;
}

static void answer_due(void)
{
	long long now = now_ms();

	for (int fd = 0; fd < CLIENTS && waiting > 0; fd++)
		if (clients[fd].due_ms && clients[fd].due_ms <= now)
			answer(fd);
}

static int listen_at(const char *address, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	at.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 1024) < 0)
		return -1;
	return fd;
}

static void take_clients(int listener, int epoll)
{
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

		if (fd >= CLIENTS) {
			(void)close(fd);
			continue;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	}
}

int main(int argc, char **argv)
{
	struct epoll_event e = { .events = EPOLLIN }, got[EVENTS];
	int listener, epoll;

	if (argc < 4) {
		(void)fprintf(stderr, "usage: backend ADDRESS PORT MARKER [DELAY_MS]\n");
		return 2;
	}
	marker = argv[3];
	delay_ms = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
	listener = listen_at(argv[1], argv[2]);
	if (listener < 0) {
		perror("backend: listen");
		return 1;
	}
	epoll = epoll_create1(0);
	e.data.fd = listener;
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int n = epoll_wait(epoll, got, EVENTS, waiting ? 2 : -1);

		for (int i = 0; i < n; i++) {
			if (got[i].data.fd == listener)
				take_clients(listener, epoll);
			else
				read_request(got[i].data.fd);
		}
		answer_due();
	}
}
