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

#include "deploy/slot.h"
#include "plugin/exec.h"
#include "store/undo.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/proc.h"

enum { POLL_MS = 50, TICKET_MAX = 64 };

/* What this process itself has locked. */
static int64_t held_app = STORE_GLOBAL;

int lock_open(const char *name, int *fd, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/locks");
	AUTO_FREE char *path = paths_in(dir, "%s", name);

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? err_sys(err, "open the lock %s", path) : 0;
}

static int open_deploy_lock(int64_t app_id, int *fd, struct err *err)
{
	char name[32];

	(void)snprintf(name, sizeof name, "%lld", (long long)app_id);
	return lock_open(name, fd, err);
}

static bool same_file(int a, int b)
{
	struct stat one;
	struct stat other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/*
 * A process that a hook left behind has the descriptor still, but the deploy is over: then
 * the lock is free, or another one's.
 */
bool lock_inherited(int64_t app_id)
{
	const char *text = getenv("DAVIT_DEPLOY_LOCK_FD");
	AUTO_CLOSE int probe = -1;
	struct err ignored;
	long fd;

	if (held_app != STORE_GLOBAL)
		return held_app == app_id;
	if (!text || !name_to_int(text, 3, 1023, &fd) ||
	    open_deploy_lock(app_id, &probe, &ignored) < 0 || !same_file((int)fd, probe))
		return false;
	return flock(probe, LOCK_SH | LOCK_NB) < 0 &&
	       flock((int)fd, LOCK_EX | LOCK_NB) == 0;
}

/* The lock of an open descriptor, which is closed where it is not got. */
static int try_fd(int *fd, struct err *err)
{
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	bool busy = errno == EWOULDBLOCK;

	if (!busy)
		(void)err_sys(err, "lock");
	close_now(fd);
	return busy ? LOCK_BUSY : -1;
}

int lock_try(int64_t app_id, int *fd, struct err *err)
{
	return open_deploy_lock(app_id, fd, err) < 0 ? -1 : try_fd(fd, err);
}

static int wait_for(int fd, int how, struct err *err)
{
	while (flock(fd, how) < 0)
		if (errno != EINTR)
			return err_sys(err, "lock");
	return 0;
}

static int open_second_lock(int64_t app_id, const char *what, int *fd, struct err *err)
{
	char name[48];

	(void)snprintf(name, sizeof name, "%lld.%s", (long long)app_id, what);
	return lock_open(name, fd, err);
}

int lock_route(int64_t app_id, int *fd, struct err *err)
{
	if (open_second_lock(app_id, "route", fd, err) < 0)
		return -1;
	return wait_for(*fd, LOCK_EX, err);
}

int lock_watch(int64_t app_id, int *fd, struct err *err)
{
	return open_second_lock(app_id, "watch", fd, err) < 0 ? -1 : try_fd(fd, err);
}

int lock_retire(int64_t app_id, int *fd, struct err *err)
{
	if (open_second_lock(app_id, "retire", fd, err) < 0)
		return -1;
	return wait_for(*fd, LOCK_SH, err);
}

bool lock_is_retiring(int64_t app_id)
{
	AUTO_CLOSE int fd = -1;
	struct err ignored;

	return open_second_lock(app_id, "retire", &fd, &ignored) == 0 &&
	       flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool lock_is_alive(const struct deploy *d)
{
	return proc_lives(d->pid, (unsigned long long)d->pid_started);
}

struct place {
	int before;      /* live ones before us, the running one among them */
	bool turn;       /* none of them waits */
	bool superseded; /* a newer push waits */
};

static int look_at_queue(struct work *w, struct place *at, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	*at = (struct place){ .turn = true };
	if (deploy_open(w->st, w->app.id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++) {
		const struct deploy *d = &open.v[i];

		if (d->id == w->row.id || !lock_is_alive(d))
			continue;
		/* One that waits for the host's other builds holds up no change of config. */
		if (slot_is_waited_for(d) && !slot_needed(w))
			continue;
		if (d->id < w->row.id) {
			at->before++;
			at->turn = at->turn && strcmp(d->state, "waiting") != 0;
		} else if (strcmp(d->kind, "build") == 0 &&
			   strcmp(w->row.kind, "build") == 0) {
			at->superseded = true;
		}
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

static int superseded(struct work *w, struct err *err)
{
	(void)snprintf(w->row.state, sizeof w->row.state, "superseded");
	(void)err_set(err, ERR_REFUSED,
		      "superseded: a newer push of %s took this one's place",
		      w->app.name);
	return err_hint(err, "the newer push carries on");
}

/*
 * While a push waits here, a newer one waits with its client (plugins/git/turn.c), and has
 * left a ticket "PID START" for us to find.
 */
static bool newer_push_waits(void)
{
	const char *path = getenv("DAVIT_PUSH_NEXT");
	const char *mine = getenv("DAVIT_PUSH_TICKET");
	AUTO(buf_release) struct buf text = BUF_INIT;
	unsigned long long started;
	struct err ignored;
	char *end = NULL;
	long pid;

	if (!path || !mine || fs_read(path, TICKET_MAX, &text, &ignored) != 0 ||
	    strcmp(text.data, mine) == 0)
		return false;
	pid = strtol(text.data, &end, 10);
	started = strtoull(end, NULL, 10);
	return proc_lives((pid_t)pid, started);
}

int lock_check_waiting(struct work *w, struct err *err)
{
	if (work_cancelled(w))
		return err_set(err, ERR_REFUSED, "cancelled while waiting");
	return newer_push_waits() ? superseded(w, err) : 0;
}

static int wait_turn(struct work *w, struct err *err)
{
	struct place at;
	int told = -1;
	int rc;

	for (;;) {
		if (look_at_queue(w, &at, err) < 0)
			return -1;
		if (at.superseded)
			return superseded(w, err);
		rc = at.turn ? lock_try(w->app.id, &w->lock_fd, err) : LOCK_BUSY;
		if (rc != LOCK_BUSY)
			return rc;
		if (lock_check_waiting(w, err) < 0)
			return -1;
		if (at.before != told)
			out_step(w->out,
				 "Another deploy of %s is running; %d before this one",
				 w->app.name, at.before);
		told = at.before;
		clock_sleep_ms(POLL_MS);
	}
}

/* The app's lock, and for a build a slot of the host. */
static int take_both(struct work *w, struct err *err)
{
	int rc = wait_turn(w, err);

	if (rc < 0 || !slot_needed(w))
		return rc;
	rc = slot_try(w, err);
	if (rc != LOCK_BUSY)
		return rc;
	(void)flock(w->lock_fd, LOCK_UN);
	close_now(&w->lock_fd);
	return slot_wait(w, err) < 0 ? -1 : wait_turn(w, err);
}

int lock_take(struct work *w, struct err *err)
{
	char text[16];

	if (refuse_locked(w, err) < 0 || take_both(w, err) < 0)
		return -1;
	/* apps:lock may have come while this waited. */
	if (refuse_locked(w, err) < 0)
		return -1;
	(void)snprintf(text, sizeof text, "%d", EXEC_SHARED_FD);
	(void)setenv("DAVIT_DEPLOY_LOCK_FD", text, 1);
	exec_share(w->lock_fd);
	held_app = w->app.id;
	(void)snprintf(w->row.state, sizeof w->row.state, "running");
	/* What a dead run wanted must not come into service with this one. */
	if (undo_take_back_dead(w->st, w->app.id, err) < 0)
		return -1;
	return deploy_update(w->st, &w->row, err);
}

void lock_drop(struct work *w)
{
	slot_drop(w);
	if (w->lock_fd < 0)
		return;
	exec_share(-1);
	held_app = STORE_GLOBAL;
	(void)unsetenv("DAVIT_DEPLOY_LOCK_FD");
	/* A hook may have left a process behind that still holds the descriptor. */
	(void)flock(w->lock_fd, LOCK_UN);
	close_now(&w->lock_fd);
}
