/* SPDX-License-Identifier: MIT */
/*
 * One push of an app after the other.  git compares a ref with what the client saw when it
 * connected; so a push waits for the one before it *before* it speaks to its client.  The
 * lock is taken by the hook, on a descriptor that it shares with the davit that the client
 * talks to: it holds from the first line of the hook until receive-pack has moved the ref.
 * A client that is slow to send its pack holds up nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "plugins/git/git.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

enum { POLL_MS = 100 };

static char *file_of(const struct app *app, const char *suffix)
{
	return paths_in(paths_root(), "store/locks/%lld.push%s", (long long)app->id,
			suffix);
}

int git_turn_open(const struct app *app, int *fd, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/locks");
	AUTO_FREE char *path = file_of(app, "");

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? err_sys(err, "open the lock %s", path) : 0;
}

/* 0: it is ours; 1: somebody else's. */
static int try_lock(int fd, struct err *err)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK || errno == EINTR ? 1 : err_sys(err, "lock");
}

/* Wait a moment; true when `fd` says that the client is gone. */
static bool client_lost(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, POLL_MS) > 0;
}

static int lost(struct err *err)
{
	return err_set(err, ERR_REFUSED, "cancelled: the client is gone");
}

void git_turn_ticket(char ticket[GIT_TICKET])
{
	(void)snprintf(ticket, GIT_TICKET, "%d %llu", (int)getpid(),
		       proc_start_time(getpid()));
}

char *git_turn_next(const struct app *app)
{
	return file_of(app, ".next");
}

/* The last one who came waits; those before it are told. */
static int check_ticket(const char *path, const char *mine, const char *app,
			struct err *err)
{
	AUTO(buf_release) struct buf now = BUF_INIT;
	int rc = fs_read(path, GIT_TICKET, &now, err);

	if (rc == FS_ABSENT) /* taken away with the turn of the one before */
		return fs_write_atomic(path, mine, strlen(mine), 0600, err);
	if (rc < 0)
		return -1;
	if (strcmp(now.data, mine) == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "superseded: a newer push of %s waits", app);
	return err_hint(err, "it brings its own commits; push again if yours are not "
			     "among them");
}

/* Whoever waits no longer is not the next one any more. */
static void drop_ticket(const char *path, const char *mine)
{
	AUTO(buf_release) struct buf now = BUF_INIT;
	struct err ignored;

	if (fs_read(path, GIT_TICKET, &now, &ignored) == 0 && strcmp(now.data, mine) == 0)
		(void)unlink(path);
}

int git_turn_wait(struct request *req, int fd, struct err *err)
{
	AUTO_FREE char *path = git_turn_next(&req->app);
	char mine[GIT_TICKET];
	int rc = try_lock(fd, err);

	if (rc <= 0)
		return rc < 0 || flock(fd, LOCK_UN) < 0 ? -1 : 0;
	git_turn_ticket(mine);
	if (fs_write_atomic(path, mine, strlen(mine), 0600, err) < 0)
		return -1;
	out_step(req->out, "Another push of %s is being deployed; this one is next",
		 req->app.name);
	while ((rc = try_lock(fd, err)) == 1) {
		if (check_ticket(path, mine, req->app.name, err) < 0)
			return -1;
		if (client_lost(1, 0))
			return lost(err);
	}
	drop_ticket(path, mine);
	return rc < 0 || flock(fd, LOCK_UN) < 0 ? -1 : 0;
}

static int inherited(const char *variable)
{
	const char *text = getenv(variable);
	struct stat st;
	long fd;

	if (!text || !name_to_int(text, 3, 1023, &fd) || fstat((int)fd, &st) < 0)
		return -1;
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	return (int)fd;
}

int git_turn_take(struct request *req, struct err *err)
{
	int lock = inherited("DAVIT_PUSH_LOCK_FD");
	int cancel = inherited("DAVIT_CANCEL_FD");
	int rc;

	if (lock < 0)
		return err_set(err, ERR_BUG, "git-hook came without its lock");
	rc = try_lock(lock, err);
	if (rc == 1)
		out_step(req->out, "Another push of %s is being deployed; this one waits",
			 req->app.name);
	for (; rc == 1; rc = try_lock(lock, err))
		if (client_lost(cancel, POLLIN))
			return lost(err);
	return rc;
}
