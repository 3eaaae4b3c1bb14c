/* SPDX-License-Identifier: MIT */
#include "util/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"

#define DRAIN_MS       300 /* how long a dead child's pipes may stay open */
#define COLLECT_MAX    (64u << 20)
#define LINE_MAX_BYTES 65536

const char *const proc_plain_env[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C.UTF-8", "HOME=/", NULL
};

struct stream {
	enum proc_stream id;
	struct buf *collect; /* or NULL: lines */
	struct buf line;
};

static int pipe_pair(int *r, int *w)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	*r = fd[0];
	*w = fd[1];
	return 0;
}

/*
 * What the child will read.  A file in memory instead of a pipe: the whole input is
 * there before the child starts, so neither side can wait for the other.
 */
static int open_input(const struct buf *in)
{
	AUTO_CLOSE int fd = -1;

	if (!in)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("stdin", MFD_CLOEXEC);
	if (fd < 0 || fs_write_all(fd, in->data, in->len) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return take_fd(&fd);
}

/*
 * Put std[0..2] and pass[] at 0, 1, 2, 3, …  The sources may themselves be below that
 * range, so each is first lifted above it in the parent.
 */
static int lift(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 3 + PROC_PASS_MAX);
}

static int spawn_with(const struct proc *p, const int lifted[], int count, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none;
	sigset_t all;
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	int rc;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&at);
	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawnattr_setsigmask(&at, &none);
	(void)posix_spawnattr_setsigdefault(&at, &all);
	if (!(p->flags & PROC_FOREGROUND)) {
		(void)posix_spawnattr_setpgroup(&at, 0);
		flags |= POSIX_SPAWN_SETPGROUP;
	}
	(void)posix_spawnattr_setflags(&at, flags);
	for (int i = 0; i < count; i++)
		(void)posix_spawn_file_actions_adddup2(&fa, lifted[i], i);
	(void)posix_spawn_file_actions_addclosefrom_np(&fa, count);
	if (p->dir)
		(void)posix_spawn_file_actions_addchdir_np(&fa, p->dir);
	rc = posix_spawn(pid, p->argv[0], &fa, &at, (char *const *)p->argv,
			 (char *const *)p->env);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)posix_spawnattr_destroy(&at);
	return rc;
}

static int spawn(const struct proc *p, const int std[3], pid_t *pid, struct err *err)
{
	int lifted[3 + PROC_PASS_MAX] = { 0 };
	int count = 3 + p->pass_count;
	int rc = 0;
	int n = 0;

	if (p->pass_count > PROC_PASS_MAX)
		bug("%d descriptors to pass", p->pass_count);
	for (; n < count && rc == 0; n++) {
		lifted[n] = lift(n < 3 ? std[n] : p->pass[n - 3]);
		if (lifted[n] < 0) {
			rc = errno;
			break;
		}
	}
	if (rc == 0)
		rc = spawn_with(p, lifted, count, pid);
	for (int i = 0; i < n; i++)
		(void)close(lifted[i]);
	if (rc == 0)
		return 0;
	errno = rc;
	return err_sys(err, "cannot run %s", p->argv[0]);
}

static void give_lines(const struct proc *p, struct stream *s, bool last)
{
	char *start = s->line.data;
	char *nl;

	while ((nl = memchr(start, '\n', s->line.len - (size_t)(start - s->line.data)))) {
		*nl = '\0';
		p->on_line(p->ctx, s->id, start);
		start = nl + 1;
	}
	size_t used = (size_t)(start - s->line.data);
	size_t left = s->line.len - used;

	if (left && (last || left > LINE_MAX_BYTES)) {
		p->on_line(p->ctx, s->id, start);
		left = 0;
	}
	if (used || !left) {
		memmove(s->line.data, s->line.data + s->line.len - left, left);
		buf_cut(&s->line, left);
	}
}

/* Take what is there; false at the end of the stream. */
static bool pump(const struct proc *p, int fd, struct stream *s)
{
	struct buf *to = s->collect && !p->on_line ? s->collect : &s->line;
	ssize_t n = buf_read(to, fd, 65536);

	if (p->on_line && s->line.len)
		give_lines(p, s, n <= 0);
	else if (to->len > COLLECT_MAX || to == &s->line)
		buf_cut(to, to == &s->line ? 0 : COLLECT_MAX);
	return n > 0;
}

static int status_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Poll until the child is gone and its pipes are empty, or until it must die. */
static void attend(const struct proc *p, struct pollfd fds[4], struct stream from[2],
		   struct proc_end *end)
{
	int64_t deadline = p->timeout_ms ? clock_ms() + p->timeout_ms : INT64_MAX;

	while (fds[0].fd >= 0 || fds[1].fd >= 0 || fds[2].fd >= 0) {
		int64_t left = deadline == INT64_MAX ? -1 : deadline - clock_ms();

		if (deadline != INT64_MAX && left <= 0) {
			end->timed_out = fds[2].fd >= 0;
			return;
		}
		if (poll(fds, 4, left > INT_MAX ? INT_MAX : (int)left) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		for (int i = 0; i < 2; i++)
			if (fds[i].fd >= 0 && fds[i].revents &&
			    !pump(p, fds[i].fd, &from[i]))
				fds[i].fd = -1;
		if (fds[2].fd >= 0 && fds[3].revents) {
			end->cancelled = true;
			return;
		}
		/* The child is gone; a grandchild may hold the pipes for ever. */
		if (fds[2].fd >= 0 && fds[2].revents) {
			fds[2].fd = -1;
			deadline = clock_ms() + DRAIN_MS;
		}
	}
}

/* The child itself too: it may have left the group that it was started in. */
static void end_group(const struct proc *p, pid_t pid)
{
	if (!(p->flags & PROC_FOREGROUND))
		(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
}

int proc_run(const struct proc *p, struct proc_end *end, struct err *err)
{
	AUTO_CLOSE int in = -1;
	AUTO_CLOSE int out_r = -1;
	AUTO_CLOSE int out_w = -1;
	AUTO_CLOSE int err_r = -1;
	AUTO_CLOSE int err_w = -1;
	AUTO_CLOSE int child = -1;
	pid_t pid;

	*end = (struct proc_end){ .code = -1 };
	in = p->flags & PROC_STDIN ? dup(0) : open_input(p->in);
	if (in < 0)
		return err_sys(err, "stdin for %s", p->argv[0]);
	if (!(p->flags & PROC_STDOUT) && pipe_pair(&out_r, &out_w) < 0)
		return err_sys(err, "pipe for %s", p->argv[0]);
	if (!(p->flags & (PROC_STDERR | PROC_MERGE)) && pipe_pair(&err_r, &err_w) < 0)
		return err_sys(err, "pipe for %s", p->argv[0]);
	int to_out = out_w >= 0 ? out_w : 1;
	int to_err = err_w >= 0 ? err_w : p->flags & PROC_MERGE ? to_out : 2;

	if (spawn(p, (const int[]){ in, to_out, to_err }, &pid, err) < 0)
		return -1;
	close_now(&out_w);
	close_now(&err_w);
	child = pidfd_open(pid, 0);
	if (child < 0) {
		(void)err_sys(err, "watch %s", p->argv[0]);
		end_group(p, pid);
		(void)proc_wait(pid, end, &(struct err){ .kind = ERR_NONE });
		return -1;
	}

	struct stream from[2] = {
		{ .id = PROC_OUT, .collect = p->out, .line = BUF_INIT },
		{ .id = PROC_ERR, .collect = p->err, .line = BUF_INIT }
	};
	struct pollfd fds[4] = {
		{ .fd = out_r, .events = POLLIN },
		{ .fd = err_r, .events = POLLIN },
		{ .fd = child, .events = POLLIN },
		{ .fd = p->cancel_fd ? p->cancel_fd : -1,
		  .events = p->flags & PROC_HANGUP ? 0 : POLLIN },
	};
	attend(p, fds, from, end);
	if (fds[2].fd >= 0 && p->hangup_fd) {
		struct proc patient = *p;

		patient.timeout_ms = 0;
		fds[3].fd = -1;
		close_now(p->hangup_fd);
		attend(&patient, fds, from, &(struct proc_end){ .code = 0 });
	} else if (fds[2].fd >= 0)
		end_group(p, pid);
	for (int i = 0; i < 2; i++) {
		if (p->on_line && from[i].line.len)
			give_lines(p, &from[i], true);
		buf_release(&from[i].line);
	}
	bool timed_out = end->timed_out;
	bool cancelled = end->cancelled;

	if (proc_wait(pid, end, err) < 0)
		return err_context(err, "%s", p->argv[0]);
	end->timed_out = timed_out;
	end->cancelled = cancelled;
	return 0;
}

int proc_start(const struct proc *p, pid_t *pid, struct err *err)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	AUTO_CLOSE int in = p->in ? open_input(p->in) : -1;
	int std[3];

	if (null < 0 || (p->in && in < 0))
		return err_sys(err, "descriptors for %s", p->argv[0]);
	std[0] = p->flags & PROC_STDIN ? 0 : p->in ? in : null;
	std[1] = p->out_fd ? p->out_fd : p->flags & PROC_STDOUT ? 1 : null;
	std[2] = p->err_fd                ? p->err_fd
		 : p->flags & PROC_STDERR ? 2
		 : p->flags & PROC_MERGE  ? std[1]
					  : null;
	return spawn(p, std, pid, err);
}

int proc_wait(pid_t pid, struct proc_end *end, struct err *err)
{
	int status;

	*end = (struct proc_end){ .code = -1 };
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for process %d", (int)pid);
	end->code = status_code(status);
	return 0;
}

int proc_detach(const char *const *argv, const char *const *env, struct err *err)
{
	struct proc_end end;
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(err, "fork for %s", argv[0]);
	if (pid == 0) {
		int null;

		(void)setsid();
		pid = fork();
		if (pid != 0)
			_exit(pid < 0 ? 1 : 0);
		null = open("/dev/null", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			(void)dup2(null, fd);
		(void)close_range(3, ~0U, 0);
		(void)execve(argv[0], (char *const *)argv, (char *const *)env);
		_exit(127);
	}
	if (proc_wait(pid, &end, err) < 0)
		return -1;
	return end.code == 0 ? 0 : err_set(err, ERR_HOST, "cannot fork for %s", argv[0]);
}

/* Word `wanted` (from 3) of a process's stat file into out; false when it is gone. */
static bool stat_field(pid_t pid, int wanted, char *out, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err err;
	char path[64];
	char *p;
	char *save = NULL;
	int field = 2;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fs_read_fd(fd, 8192, &text, &err) < 0)
		return false;
	p = strrchr(text.data, ')'); /* the name may hold anything, even brackets */
	if (!p)
		return false;
	for (char *word = strtok_r(p + 1, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		if (++field == wanted) {
			(void)snprintf(out, size, "%s", word);
			return true;
		}
	return false;
}

unsigned long long proc_start_time(pid_t pid)
{
	char word[32];

	return stat_field(pid, 22, word, sizeof word) ? strtoull(word, NULL, 10) : 0;
}

bool proc_lives(pid_t pid, unsigned long long started)
{
	return pid > 0 && started && proc_start_time(pid) == started;
}

bool proc_is_zombie(pid_t pid)
{
	char word[32];

	return stat_field(pid, 3, word, sizeof word) &&
	       (word[0] == 'Z' || word[0] == 'X');
}
