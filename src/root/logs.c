/* SPDX-License-Identifier: MIT */
#include "root/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/container.h"
#include "root/dirs.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

#define KEEP_MAX  1000
#define REOPEN_MS 2000

int logs_open_dir(const char *app, int *fd, struct err *err)
{
	AUTO_CLOSE int top = -1;
	AUTO_CLOSE int dir = -1;

	if (dirs_open(DAVIT_LOG_DIR, &top, err) < 0 ||
	    dirs_make_at(top, app, 0750, &dir, err) < 0)
		return -1;
	if (fchown(dir, 0, dirs_davit_gid()) < 0 || fchmod(dir, 0750) < 0)
		return err_sys(err, "owner of %s/%s", DAVIT_LOG_DIR, app);
	*fd = take_fd(&dir);
	return 0;
}

static int make_readable(int dir, const char *file, int flags, struct err *err)
{
	AUTO_CLOSE int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags,
				   0600);

	if (fd < 0 || fchown(fd, 0, dirs_davit_gid()) < 0 || fchmod(fd, 0640) < 0)
		return err_sys(err, "log file %s", file);
	return 0;
}

void logs_mend(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    ((st.st_mode & 07777) != 0640 || st.st_gid != dirs_davit_gid()) &&
	    fchown(fd, 0, dirs_davit_gid()) == 0)
		(void)fchmod(fd, 0640);
}

static bool same_file(int dir, const char *a, const char *b)
{
	struct stat one;
	struct stat other;

	return fstatat(dir, a, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(dir, b, &other, AT_SYMLINK_NOFOLLOW) == 0 &&
	       one.st_ino == other.st_ino;
}

/* Make room for a new LOG.log.1: the newest of the kept ones. */
static int shift(int dir, const char *log, long keep, struct err *err)
{
	long last = 1;

	for (; last <= keep; last++) {
		AUTO_FREE char *name = xasprintf("%s.log.%ld", log, last);

		if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			break;
	}
	for (long n = last; n-- > 1;) {
		AUTO_FREE char *from = xasprintf("%s.log.%ld", log, n);
		AUTO_FREE char *to = xasprintf("%s.log.%ld", log, n + 1);
		int rc = n >= keep ? unlinkat(dir, from, 0)
				   : renameat(dir, from, dir, to);

		if (rc < 0 && errno != ENOENT)
			return err_sys(err, "rotate %s", from);
	}
	fault_at("log-rotate:renamed");
	return 0;
}

int logs_guard(int dir, const char *log, struct err *err)
{
	AUTO_FREE char *file = xasprintf("%s.log", log);
	AUTO_FREE char *second = xasprintf("%s.log.0", log);
	AUTO_FREE char *first = xasprintf("%s.log.1", log);

	if (same_file(dir, file, second))
		return 0;
	if (faccessat(dir, second, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		if (shift(dir, log, KEEP_MAX, err) < 0)
			return -1;
		if (renameat(dir, second, dir, first) < 0)
			return err_sys(err, "rotate %s", second);
	}
	if (linkat(dir, file, dir, second, 0) < 0 && errno != ENOENT)
		return err_sys(err, "second name of %s", file);
	return 0;
}

int logs_prepare(const char *app, const char *log, char **path, struct err *err)
{
	AUTO_FREE char *file = xasprintf("%s.log", log);
	AUTO_CLOSE int dir = -1;

	if (logs_open_dir(app, &dir, err) < 0 ||
	    make_readable(dir, file, O_CREAT | O_APPEND, err) < 0 ||
	    logs_guard(dir, log, err) < 0)
		return -1;
	*path = xasprintf(DAVIT_LOG_DIR "/%s/%s", app, file);
	return 0;
}

/* Tell the conmon that writes this file to open it again. */
static int reopen(const char *id, int dir, const char *file, struct err *err)
{
	AUTO_FREE char *ctl = container_path(id, "ctl");
	AUTO_CLOSE int fd = open(ctl, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	int64_t deadline = clock_ms() + REOPEN_MS;

	if (fd < 0)
		return errno == ENXIO || errno == ENOENT ? 0
							 : err_sys(err, "open %s", ctl);
	if (fs_write_all(fd, "2 0 0\n", 6) < 0)
		return err_sys(err, "write %s", ctl);
	while (faccessat(dir, file, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	       clock_ms() < deadline)
		clock_sleep_ms(1);
	return make_readable(dir, file, 0, err);
}

/* The conmon that writes this file, and would find its way to it again: the app may have
 * been renamed meanwhile. */
static bool writes_to(const json_t *state, const char *path)
{
	const char *its = json_string_value(json_object_get(state, "log"));
	const char *made = json_string_value(json_object_get(state, "log_made"));

	return its && made && strcmp(its, path) == 0 && strcmp(made, path) == 0 &&
	       container_alive(state, "conmon");
}

/* Step aside, and let this one begin a new file.  With two writers each has its own: the
 * second one would take the place of the first one's. */
static int rotate_for(const char *id, int dir, const char *log, long keep,
		      struct err *err)
{
	AUTO_FREE char *file = xasprintf("%s.log", log);
	AUTO_FREE char *first = xasprintf("%s.log.1", log);
	AUTO_FREE char *second = xasprintf("%s.log.0", log);

	(void)unlinkat(dir, second, 0);
	if (shift(dir, log, keep, err) < 0)
		return -1;
	if (renameat(dir, file, dir, first) < 0 && errno != ENOENT)
		return err_sys(err, "rotate %s", file);
	return reopen(id, dir, file, err);
}

int logs_rotate(int dir, const char *app, const char *log, long keep, struct err *err)
{
	AUTO_FREE char *path = xasprintf(DAVIT_LOG_DIR "/%s/%s.log", app, log);
	AUTO(strv_release) struct strv ids = STRV_INIT;

	if (logs_guard(dir, log, err) < 0)
		return -1;
	container_list(&ids);
	strv_foreach(id, &ids) {
		json_t *state = NULL;
		bool writes;

		if (container_load(id, &state, err) != 0)
			continue;
		writes = writes_to(state, path);
		json_decref(state);
		if (writes && rotate_for(id, dir, log, keep, err) < 0)
			return -1;
	}
	return logs_guard(dir, log, err);
}

int verb_log_rotate(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	const char *app = NULL;
	const char *log = NULL;
	long keep = 0;

	(void)reply;
	if (request_app(op, "app", &app, err) < 0 ||
	    request_id(op, "log", &log, err) < 0 ||
	    request_int(op, "keep", (struct request_range){ 1, KEEP_MAX, 1 }, &keep,
			err) < 0 ||
	    logs_open_dir(app, &dir, err) < 0)
		return -1;
	return logs_rotate(dir, app, log, keep, err);
}
