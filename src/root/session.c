/* SPDX-License-Identifier: MIT */
#include "root/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "root/protocol.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"

#define CONSOLE_MS 5000
#define DRAIN_MS   200

static volatile sig_atomic_t resized;

static void on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

int session_adopt(struct err *err)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(err, "become a subreaper");
	return 0;
}

int session_console_open(char path[64], int *fd, struct err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(path, 64, DAVIT_RUN_DIR "/build/tty.%d", (int)getpid());
	(void)unlink(path);
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	if (s < 0 || bind(s, (const struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(s, 1) < 0)
		return err_sys(err, "socket for the terminal");
	*fd = take_fd(&s);
	return 0;
}

int session_console_take(int listener, int *master, struct err *err)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	char byte[4096];
	struct iovec io = { .iov_base = byte, .iov_len = sizeof byte };
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr msg = { .msg_iov = &io,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof control };
	AUTO_CLOSE int conn = -1;

	if (poll(&p, 1, CONSOLE_MS) <= 0)
		return err_set(err, ERR_HOST, "the runtime sent no terminal");
	conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (conn < 0 || recvmsg(conn, &msg, MSG_CMSG_CLOEXEC) < 0)
		return err_sys(err, "receive the terminal");
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	if (!c || c->cmsg_type != SCM_RIGHTS)
		return err_set(err, ERR_HOST, "the runtime sent no terminal");
	memcpy(master, CMSG_DATA(c), sizeof *master);
	return 0;
}

static void copy_size(int master)
{
	struct winsize size;

	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		(void)ioctl(master, TIOCSWINSZ, &size);
}

/* Bytes one way; false at the end. */
static bool pass(int from, int to)
{
	char data[16384];
	ssize_t n;

	do
		n = read(from, data, sizeof data);
	while (n < 0 && errno == EINTR);
	return n > 0 && fs_write_all(to, data, (size_t)n) == 0;
}

static void end_now(const struct session *s)
{
	if (s->group)
		(void)kill(-s->pid, SIGKILL);
	(void)kill(s->pid, SIGKILL);
}

enum { CHILD, REPLY, INPUT, OUTPUT, COUNT };

/* One round; true while the process lives. */
static bool attend(const struct session *s, struct pollfd fds[COUNT], int64_t deadline,
		   struct session_end *end)
{
	int64_t left = deadline - clock_ms();

	if (resized && s->master >= 0) {
		resized = 0;
		copy_size(s->master);
	}
	if (left <= 0 || fds[REPLY].revents) {
		end->timed_out = left <= 0;
		end->cancelled = !end->timed_out;
		end_now(s);
		fds[REPLY].fd = -1;
		fds[REPLY].revents = 0;
		return false;
	}
	if (poll(fds, COUNT, left > INT_MAX ? INT_MAX : (int)left) < 0)
		return true;
	if (fds[INPUT].revents && !pass(0, s->master)) {
		fds[INPUT].fd = -1;
		(void)fs_write_all(s->master, "\4", 1); /* our end is the terminal's ^D */
	}
	if (fds[OUTPUT].revents && !pass(s->master, 1))
		fds[OUTPUT].fd = -1;
	return !fds[CHILD].revents;
}

/* What the process wrote before it ended. */
static void drain(int master)
{
	struct pollfd p = { .fd = master, .events = POLLIN };

	while (poll(&p, 1, DRAIN_MS) > 0 && (p.revents & POLLIN))
		if (!pass(master, 1))
			return;
}

static bool make_raw(struct termios *before)
{
	struct termios raw;

	if (tcgetattr(0, before) < 0)
		return false;
	raw = *before;
	cfmakeraw(&raw);
	return tcsetattr(0, TCSADRAIN, &raw) == 0;
}

int session_wait(const struct session *s, struct session_end *end, struct err *err)
{
	AUTO_CLOSE int child = pidfd_open(s->pid, 0);
	bool tty = s->master >= 0;
	struct pollfd fds[COUNT] = {
		[CHILD] = { .fd = child, .events = POLLIN },
		[REPLY] = { .fd = PROTOCOL_REPLY_FD },
		[INPUT] = { .fd = tty ? 0 : -1, .events = POLLIN },
		[OUTPUT] = { .fd = tty ? s->master : -1, .events = POLLIN },
	};
	struct sigaction resize = { .sa_handler = on_resize };
	int64_t deadline = s->timeout_ms ? clock_ms() + s->timeout_ms : INT64_MAX;
	struct termios before;
	bool raw = tty && make_raw(&before);
	int status = 0;

	*end = (struct session_end){ .code = -1 };
	(void)sigaction(SIGWINCH, &resize, NULL);
	if (tty)
		copy_size(s->master);
	while (child >= 0 && attend(s, fds, deadline, end))
		;
	while (waitpid(s->pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for the container");
	if (tty)
		drain(s->master);
	if (raw)
		(void)tcsetattr(0, TCSADRAIN, &before);
	end->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}
