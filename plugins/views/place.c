/* SPDX-License-Identifier: MIT */
/* Files and links in directories that others may write too: nothing is followed. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/views/views.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { VIEW_MAX = 4 << 20 };

/* For good: what came back after a power cut would be taken for an edit. */
static int drop(const char *path, struct err *err)
{
	AUTO_FREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	if (unlink(path) == 0)
		return fs_sync_dir(dir, err);
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_sys(err, "remove %s", path);
}

static bool is_regular(const char *path, mode_t mode)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0777) == mode;
}

static int make_parent(const char *path, struct err *err)
{
	AUTO_FREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));

	return fs_mkdirs(dir, 0755, err);
}

int views_put(const char *path, const struct buf *text, mode_t mode, struct err *err)
{
	AUTO(buf_release) struct buf now = BUF_INIT;

	if (text->len == 0)
		return drop(path, err);
	if (is_regular(path, mode)) {
		if (fs_read(path, VIEW_MAX, &now, err) < 0)
			return -1;
		if (now.len == text->len && memcmp(now.data, text->data, now.len) == 0)
			return 0;
	}
	if (make_parent(path, err) < 0)
		return -1;
	return fs_write_atomic(path, text->data, text->len, mode, err);
}

int views_link(const char *path, const char *target, struct err *err)
{
	char now[1024];
	ssize_t n = readlink(path, now, sizeof now - 1);
	struct stat st;

	/* The target may be root's alone: a directory entry is all we can see. */
	if (lstat(target, &st) < 0 && errno != EACCES)
		return n < 0 ? 0 : drop(path, err);
	if (n > 0 && strlen(target) == (size_t)n && memcmp(now, target, (size_t)n) == 0)
		return 0;
	if (make_parent(path, err) < 0 || drop(path, err) < 0)
		return -1;
	return symlink(target, path) < 0 ? err_sys(err, "link %s", path) : 0;
}

/* Our links whose target has gone. */
static int drop_stale(const char *dir, const char *target, struct err *err)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = paths_in(dir, "%s", e->d_name);
		char to[1024];
		ssize_t n = readlink(path, to, sizeof to - 1);
		struct stat st;

		if (n <= 0)
			continue;
		to[n] = '\0';
		if (strncmp(to, target, strlen(target)) == 0 && lstat(to, &st) < 0 &&
		    drop(path, err) < 0)
			return -1;
	}
	return 0;
}

int views_link_all(const char *dir, const char *target, struct err *err)
{
	AUTO(closedir_at) DIR *d = opendir(target);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = paths_in(dir, "%s", e->d_name);
		AUTO_FREE char *to = paths_in(target, "%s", e->d_name);

		if (e->d_name[0] != '.' && views_link(path, to, err) < 0)
			return -1;
	}
	return drop_stale(dir, target, err);
}
