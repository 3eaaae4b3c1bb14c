/* SPDX-License-Identifier: MIT */
#include "store/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"

#define DIR_NAME "store/copies"
#define TAIL     ".db"

enum { ROOM = 16 << 20 };

char *copy_path(const char *name)
{
	return paths_in(paths_root(), DIR_NAME "/%s" TAIL, name);
}

static char *store_path(const char *tail)
{
	return paths_in(paths_root(), "store/davit.db%s", tail);
}

void copy_list(struct strv *names)
{
	AUTO_FREE char *dir = paths_in(paths_root(), DIR_NAME);
	AUTO(closedir_at) DIR *d = opendir(dir);
	AUTO(strv_release) struct strv found = STRV_INIT;
	size_t m = strlen(TAIL);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (e->d_name[0] != '.' && n > m && strcmp(e->d_name + n - m, TAIL) == 0)
			strv_take(&found, xstrndup(e->d_name, n - m));
	}
	strv_sort(&found);
	for (size_t i = found.len; i-- > 0;)
		strv_add(names, found.v[i]);
}

int copy_hint(struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	copy_list(&names);
	if (!names.len)
		return err_hint(
			err,
			"copies of it are beside it, if there are any: ls -lt %s/store",
			paths_root());
	return err_hint(err,
			"the last good copy is of %s; as root: davit store:restore; the "
			"damaged file is kept",
			names.v[0]);
}

static int64_t changed_at(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mtim.tv_sec : 0;
}

/* Writing a copy must not be what fills the disk. */
static bool has_room(const char *path)
{
	struct statvfs fs;
	struct stat st;

	return stat(path, &st) == 0 && statvfs(path, &fs) == 0 &&
	       (uint64_t)fs.f_bavail * fs.f_frsize > 2 * (uint64_t)st.st_size + ROOM;
}

bool copy_is_due(void)
{
	AUTO_FREE char *db = store_path("");
	AUTO_FREE char *wal = store_path("-wal");
	AUTO(strv_release) struct strv names = STRV_INIT;
	int64_t newest = 0;

	copy_list(&names);
	if (names.len) {
		AUTO_FREE char *path = copy_path(names.v[0]);

		newest = changed_at(path);
	}
	return (changed_at(db) > newest || changed_at(wal) > newest) && has_room(db) &&
	       (clock_now() - newest >= COPY_EVERY_S || newest > clock_now());
}

static void drop_old(void)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	copy_list(&names);
	for (size_t i = COPY_KEEP; i < names.len; i++) {
		AUTO_FREE char *path = copy_path(names.v[i]);

		(void)unlink(path);
	}
}

static int sync_file(const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? err_sys(err, "sync %s", path) : 0;
}

/* A file is there under its name only when it is whole. */
static int place(const char *tmp, const char *path, struct err *err)
{
	AUTO_FREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	if (sync_file(tmp, err) < 0)
		return -1;
	if (rename(tmp, path) < 0)
		return err_sys(err, "rename %s", tmp);
	return fs_sync_dir(dir, err);
}

int copy_make(struct store *st, char **path, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), DIR_NAME);
	AUTO_FREE char *tmp = paths_in(dir, ".new.%d", (int)getpid());
	AUTO_FREE char *to = NULL;
	char now[CLOCK_TEXT];

	if (store_check(st, err) < 0 || fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	to = copy_path(clock_text(clock_now(), now));
	(void)unlink(tmp);
	if (store_write_copy(st, tmp, err) < 0 || place(tmp, to, err) < 0) {
		(void)unlink(tmp);
		return -1;
	}
	drop_old();
	if (path)
		*path = take_str(&to);
	return 0;
}

static int copy_bytes(const char *from, const char *to, struct err *err)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	AUTO_CLOSE int out = -1;
	ssize_t n;

	if (in < 0)
		return err_sys(err, "open %s", from);
	(void)unlink(to);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out < 0)
		return err_sys(err, "create %s", to);
	while ((n = copy_file_range(in, NULL, out, NULL, 1 << 24, 0)) > 0)
		;
	return n < 0 ? err_sys(err, "copy %s", from) : 0;
}

/* The store as it was keeps a name; its log must not be taken for the new one's. */
static int put_aside(char **aside, struct err *err)
{
	static const char *const tails[] = { "", "-wal" };
	char now[CLOCK_TEXT];
	AUTO_FREE char *name = paths_in(paths_root(), "store/davit.db.damaged-%s",
					clock_text(clock_now(), now));
	AUTO_FREE char *wal = store_path("-wal");
	AUTO_FREE char *shm = store_path("-shm");
	bool any = false;

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		AUTO_FREE char *from = store_path(tails[i]);
		AUTO_FREE char *to = xasprintf("%s%s", name, tails[i]);

		if (link(from, to) == 0)
			any |= i == 0;
		else if (errno != ENOENT)
			return err_sys(err, "keep %s as %s", from, to);
	}
	(void)unlink(wal);
	(void)unlink(shm);
	*aside = any ? take_str(&name) : xstrdup("");
	return 0;
}

int copy_restore(const char *name, char **aside, struct err *err)
{
	AUTO_FREE char *from = copy_path(name);
	AUTO_FREE char *path = store_path("");
	AUTO_FREE char *tmp = store_path(".restored");
	int rc;

	if (copy_bytes(from, tmp, err) < 0)
		return -1;
	rc = store_check_file(tmp, err);
	if (rc == 0)
		rc = sync_file(tmp, err);
	if (rc == 0)
		rc = put_aside(aside, err);
	if (rc == 0)
		rc = place(tmp, path, err);
	if (rc < 0)
		(void)unlink(tmp);
	return rc < 0 ? err_context(err, "put back the copy of %s", name) : 0;
}
