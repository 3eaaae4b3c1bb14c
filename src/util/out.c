/* SPDX-License-Identifier: MIT */
#include "util/out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"

/* How long a client that does not read may hold up one line. */
#define CLIENT_PATIENCE_MS 2000

/* Write to the client; with a log behind us, give up on one that does not read. */
static void to_client(struct out *o, int fd, const char *data, size_t len)
{
	while (len && !o->client_gone) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		if (o->log_fd > 0 && poll(&p, 1, CLIENT_PATIENCE_MS) <= 0) {
			o->client_gone = true;
			return;
		}
		ssize_t n = write(fd, data, o->log_fd > 0 && len > 512 ? 512 : len);

		if (n < 0 && errno == EAGAIN) /* somebody made our stdout non-blocking */
			(void)poll(&p, 1, -1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0) {
			o->client_gone = true;
			return;
		}
		data += n;
		len -= (size_t)n;
	}
}

static void emit(struct out *o, int fd, const struct buf *b)
{
	if (o->log_fd > 0)
		(void)fs_write_all(o->log_fd, b->data, b->len);
	to_client(o, o->aside ? 2 : fd, b->data, b->len);
}

__attribute__((format(printf, 4, 0))) static void say(struct out *o, int fd,
						      const char *mark, const char *fmt,
						      va_list ap)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	AUTO_FREE char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	buf_adds(&b, mark);
	buf_adds(&b, text);
	buf_addc(&b, '\n');
	emit(o, fd, &b);
}

#define SAY(fd, mark)                      \
	do {                               \
		va_list ap;                \
		va_start(ap, fmt);         \
		say(o, fd, mark, fmt, ap); \
		va_end(ap);                \
	} while (0)

void out_step(struct out *o, const char *fmt, ...)
{
	if (!o->quiet)
		SAY(1, "-----> ");
}

void out_title(struct out *o, const char *fmt, ...)
{
	if (!o->quiet)
		SAY(1, "=====> ");
}

void out_note(struct out *o, const char *fmt, ...)
{
	if (!o->quiet)
		SAY(1, "       ");
}

void out_line(struct out *o, const char *fmt, ...)
{
	SAY(1, "");
}

void out_warn(struct out *o, const char *fmt, ...)
{
	SAY(o->merged ? 1 : 2, " !     ");
}

void out_foreign(struct out *o, const char *line)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	buf_addf(&b, "       %s\n", line);
	emit(o, 1, &b);
}

void out_error_line(struct out *o, const char *line)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	buf_addf(&b, "%s\n", line);
	emit(o, o->merged ? 1 : 2, &b);
}

void out_bytes(struct out *o, const void *data, size_t len)
{
	struct buf b = { .data = (char *)data, .len = len };

	emit(o, 1, &b);
}

bool out_flush(struct out *o)
{
	return !o->client_gone;
}
