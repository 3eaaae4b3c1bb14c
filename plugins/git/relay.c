/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>

#include "plugins/git/git.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/proc.h"

/* What may wait for a client that does not read; one that lets it grow further is lost. */
#define PENDING_MAX (16u << 20)
/* A pipe that poll() calls writable takes this much without waiting. */
#define WRITE_MAX 4096
/* After the program's end: for what a grandchild still holds, and for a slow client. */
#define DRAIN_MS 500
#define FLUSH_MS 60000

struct stream {
	int from; /* what the program writes; -1 at its end */
	int to;
	struct buf pending;
	size_t given; /* of pending, to the client */
	bool gone;    /* nobody reads: drop everything */
};

struct relay {
	struct stream out;
	struct stream err;
	int cancel; /* write end of the program's descriptor 3; -1: cancelled */
	int child;  /* pidfd; -1: ended */
	int signals;
	/* Once the program has ended: until when (clock_ms) for what. */
	int64_t deadline;
	bool flushing;
};

static void lose_client(struct relay *r)
{
	r->out.gone = true;
	r->err.gone = true;
	close_now(&r->cancel);
}

static size_t waiting(const struct stream *s)
{
	return s->pending.len - s->given;
}

static void drop(struct stream *s)
{
	buf_reset(&s->pending);
	s->given = 0;
}

static void take(struct stream *s)
{
	if (buf_read(&s->pending, s->from, 65536) <= 0)
		close_now(&s->from);
}

static void give(struct stream *s)
{
	size_t n = waiting(s) < WRITE_MAX ? waiting(s) : WRITE_MAX;
	ssize_t done = write(s->to, s->pending.data + s->given, n);

	if (done < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (done < 0) {
		s->gone = true;
		return;
	}
	s->given += (size_t)done;
	if (s->given == s->pending.len)
		drop(s);
}

static void attend_stream(struct stream *s, const struct pollfd *in,
			  const struct pollfd *out)
{
	if (out->revents & (POLLERR | POLLHUP | POLLNVAL))
		s->gone = true;
	else if (out->revents & POLLOUT && waiting(s))
		give(s);
	if (s->from >= 0 && in->revents)
		take(s);
	if (s->gone)
		drop(s);
}

static bool busy(const struct stream *s)
{
	return s->from >= 0 || waiting(s);
}

/* How long poll() may wait; 0 when the time after the program's end is over. */
static int patience(struct relay *r)
{
	if (r->child >= 0)
		return -1;
	if (!r->flushing &&
	    ((r->out.from < 0 && r->err.from < 0) || clock_ms() >= r->deadline)) {
		/* A grandchild may keep the pipes: what is here goes out, no more comes. */
		close_now(&r->out.from);
		close_now(&r->err.from);
		r->flushing = true;
		r->deadline = clock_ms() + FLUSH_MS;
	}
	int64_t left = busy(&r->out) || busy(&r->err) ? r->deadline - clock_ms() : 0;

	return left <= 0 ? 0 : (int)left;
}

static void attend(struct relay *r)
{
	while (r->child >= 0 || busy(&r->out) || busy(&r->err)) {
		int wait = patience(r);

		if (wait == 0)
			return;

		struct pollfd p[] = {
			{ .fd = r->child, .events = POLLIN },
			{ .fd = r->signals, .events = POLLIN },
			{ .fd = r->out.from, .events = POLLIN },
			{ .fd = r->err.from, .events = POLLIN },
			{ .fd = r->out.gone ? -1 : r->out.to,
			  .events = waiting(&r->out) ? POLLOUT : 0 },
			{ .fd = r->err.gone ? -1 : r->err.to,
			  .events = waiting(&r->err) ? POLLOUT : 0 },
		};

		if (poll(p, sizeof p / sizeof *p, wait) < 0 && errno != EINTR)
			return;
		attend_stream(&r->out, &p[2], &p[4]);
		attend_stream(&r->err, &p[3], &p[5]);
		if (r->out.gone || p[1].revents || waiting(&r->out) > PENDING_MAX ||
		    waiting(&r->err) > PENDING_MAX)
			lose_client(r);
		if (p[1].revents) /* said once; from now on only the program ends us */
			close_now(&r->signals);
		if (r->child >= 0 && p[0].revents) {
			close_now(&r->child);
			r->deadline = clock_ms() + DRAIN_MS;
		}
	}
}

/* TERM, INT and HUP mean a lost client too; they must not end us before the program. */
static int catch_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int start(struct relay *r, const struct proc *want, pid_t *pid, struct err *err)
{
	struct proc p = *want;
	AUTO_CLOSE int out = -1;
	AUTO_CLOSE int error = -1;
	AUTO_CLOSE int watch = -1;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	r->out.from = pair[0];
	out = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	r->err.from = pair[0];
	error = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	watch = pair[0];
	r->cancel = pair[1];

	p.flags = PROC_STDIN;
	p.out_fd = out;
	p.err_fd = error;
	p.pass[1] = p.pass[0];
	p.pass[0] = watch;
	p.pass_count++;
	if (proc_start(&p, pid, err) < 0)
		return -1;
	r->child = pidfd_open(*pid, 0);
	return r->child < 0 ? err_sys(err, "pidfd_open") : 0;
}

static void release(struct relay *r)
{
	close_now(&r->out.from);
	close_now(&r->err.from);
	close_now(&r->cancel);
	close_now(&r->child);
	close_now(&r->signals);
	buf_release(&r->out.pending);
	buf_release(&r->err.pending);
}

int git_relay(const char *const *argv, const char *const *env, int pass, int *code,
	      struct err *err)
{
	const struct proc p = {
		.argv = argv, .env = env, .pass = { pass }, .pass_count = pass ? 1 : 0
	};
	AUTO(release)
	struct relay r = { .out = { .from = -1, .to = 1, .pending = BUF_INIT },
			   .err = { .from = -1, .to = 2, .pending = BUF_INIT },
			   .cancel = -1,
			   .child = -1,
			   .signals = catch_signals() };
	struct proc_end end;
	pid_t pid = -1;

	if (start(&r, &p, &pid, err) < 0)
		return -1;
	attend(&r);
	if (proc_wait(pid, &end, err) < 0)
		return -1;
	*code = end.code;
	return 0;
}
