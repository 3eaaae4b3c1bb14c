/* SPDX-License-Identifier: MIT */
#include "deploy/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/exec.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/proc.h"

#define POLL_MS 50

static char *lock_path(int64_t app_id)
{
	return paths_in(paths_root(), "store/locks/%lld", (long long)app_id);
}

bool lock_inherited(int64_t app_id)
{
	AUTO_FREE char *path = lock_path(app_id);
	const char *text = getenv("DAVIT_DEPLOY_LOCK_FD");
	struct stat mine;
	struct stat file;
	long fd;

	if (!text || !name_to_int(text, 3, 1023, &fd))
		return false;
	return fstat((int)fd, &mine) == 0 && stat(path, &file) == 0 &&
	       mine.st_dev == file.st_dev && mine.st_ino == file.st_ino;
}

static int open_lock(int64_t app_id, int *fd, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/locks");
	AUTO_FREE char *path = lock_path(app_id);

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? err_sys(err, "open the lock %s", path) : 0;
}

int lock_try(int64_t app_id, int *fd, struct err *err)
{
	if (open_lock(app_id, fd, err) < 0)
		return -1;
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	bool busy = errno == EWOULDBLOCK;

	if (!busy)
		(void)err_sys(err, "lock");
	close_now(fd);
	return busy ? LOCK_BUSY : -1;
}

static bool alive(const struct deploy *d)
{
	return d->pid > 0 &&
	       proc_start_time(d->pid) == (unsigned long long)d->pid_started;
}

/* Where we stand: how many live ones are before us, and whether a newer push waits. */
static int look_at_queue(struct work *w, int *before, bool *superseded, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	*before = 0;
	*superseded = false;
	if (deploy_open(w->st, w->app.id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++) {
		const struct deploy *d = &open.v[i];

		if (d->id == w->row.id || !alive(d))
			continue;
		if (d->id < w->row.id)
			(*before)++;
		else if (strcmp(d->kind, "build") == 0 &&
			 strcmp(w->row.kind, "build") == 0)
			*superseded = true;
	}
	return 0;
}

static int refuse_locked(struct work *w, struct err *err)
{
	struct app now;

	if (app_find_id(w->st, w->app.id, &now, err) != 0)
		return err_set(err, ERR_NO_APP, "App %s does not exist any more",
			       w->app.name);
	if (!now.locked)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s currently has a deploy lock in place",
		      w->app.name);
	return err_hint(err, "davit apps:unlock %s lets deploys through again",
			w->app.name);
}

static int wait_turn(struct work *w, struct err *err)
{
	bool superseded;
	int told = -1;
	int before;
	int rc;

	for (;;) {
		rc = lock_try(w->app.id, &w->lock_fd, err);
		if (rc != LOCK_BUSY)
			return rc;
		if (work_cancelled(w))
			return err_set(err, ERR_REFUSED, "cancelled while waiting");
		if (look_at_queue(w, &before, &superseded, err) < 0)
			return -1;
		if (superseded) {
			(void)snprintf(w->row.state, sizeof w->row.state, "superseded");
			(void)err_set(
				err, ERR_REFUSED,
				"superseded: a newer push of %s took this one's place",
				w->app.name);
			return err_hint(err, "the newer push carries on");
		}
		if (before != told) {
			out_step(w->out,
				 "Another deploy of %s is running; %d before this one",
				 w->app.name, before);
			told = before;
		}
		clock_sleep_ms(POLL_MS);
	}
}

int lock_take(struct work *w, struct err *err)
{
	char text[16];

	if (refuse_locked(w, err) < 0 || wait_turn(w, err) < 0)
		return -1;
	(void)snprintf(text, sizeof text, "%d", EXEC_SHARED_FD);
	(void)setenv("DAVIT_DEPLOY_LOCK_FD", text, 1);
	exec_share(w->lock_fd);
	(void)snprintf(w->row.state, sizeof w->row.state, "running");
	return deploy_update(w->st, &w->row, err);
}

void lock_drop(struct work *w)
{
	if (w->lock_fd < 0)
		return;
	exec_share(-1);
	(void)unsetenv("DAVIT_DEPLOY_LOCK_FD");
	/* A hook may have left a process behind that still holds the descriptor. */
	(void)flock(w->lock_fd, LOCK_UN);
	close_now(&w->lock_fd);
}
