/* SPDX-License-Identifier: MIT */
#include "util/fs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"

#define CHUNK 65536

/* Less than this, and the next file does not fit. */
#define ROOM_BYTES ((uint64_t)64 << 10)
#define ROOM_FILES 4

int fs_read_fd(int fd, size_t max, struct buf *out, struct err *err)
{
	size_t start = out->len;

	for (;;) {
		size_t left = max - (out->len - start);
		ssize_t n = buf_read(out, fd, left + 1 < CHUNK ? left + 1 : CHUNK);

		if (n < 0)
			return err_sys(err, "read");
		if (n == 0)
			return 0;
		if (out->len - start > max)
			return err_set(err, ERR_REFUSED, "more than %zu bytes", max);
	}
}

int fs_read(const char *path, size_t max, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return FS_ABSENT;
	if (fd < 0)
		return err_sys(err, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_REFUSED, "%s is not a regular file", path);
	if (fs_read_fd(fd, max, out, err) < 0)
		return err_context(err, "%s", path);
	return 0;
}

int fs_read_beneath(const char *dir, const char *name, size_t max, struct buf *out,
		    struct err *err)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int top = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (top < 0)
		return err_sys(err, "open %s", dir);
	do /* EAGAIN: something was renamed on the way */
		fd = (int)syscall(SYS_openat2, top, name, &how, sizeof how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return FS_ABSENT;
	if (fd < 0 && (errno == EXDEV || errno == ELOOP))
		return err_set(err, ERR_APP, "%s leads out of the source tree", name);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "open %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_APP, "%s is not a regular file", name);
	if (fs_read_fd(fd, max, out, err) < 0)
		return err_context(err, "%s", name);
	return 0;
}

int fs_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

int fs_sync_dir(const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(err, "sync %s", path);
	return 0;
}

int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode,
		    struct err *err)
{
	AUTO_FREE char *dir = parent_of(path);
	AUTO_FREE char *tmp = xasprintf("%s.new.%d", path, (int)getpid());
	AUTO_CLOSE int fd = -1;

	(void)unlink(tmp);
	fault_at_file("write", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, "create %s", tmp);
	if (fchmod(fd, mode) < 0 || fs_write_all(fd, data, len) < 0 || fsync(fd) < 0) {
		(void)err_sys(err, "write %s", path);
		(void)unlink(tmp);
		return -1;
	}
	fault_at_file("synced", path);
	if (rename(tmp, path) < 0) {
		(void)err_sys(err, "write %s", path);
		(void)unlink(tmp);
		return -1;
	}
	fault_at_file("renamed", path);
	return fs_sync_dir(dir, err);
}

pid_t fs_writer_of(const char *name)
{
	const char *mark = strstr(name, ".new.");
	char *end = NULL;
	long pid;

	if (!mark || !isdigit((unsigned char)mark[5]))
		return 0;
	pid = strtol(mark + 5, &end, 10);
	return *end == '\0' && pid <= INT_MAX ? (pid_t)pid : 0;
}

bool fs_is_left(const char *name)
{
	pid_t pid = fs_writer_of(name);

	return pid > 0 && kill(pid, 0) < 0 && errno == ESRCH;
}

void fs_sweep_new(const char *dir)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (fs_is_left(e->d_name))
			(void)unlinkat(dirfd(d), e->d_name, 0);
}

int fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	AUTO_FREE char *part = xstrdup(path);

	for (char *p = part + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char was = *p;

		*p = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return err_sys(err, "create directory %s", part);
		*p = was;
		if (!was)
			break;
	}
	if (!fs_is_dir(path))
		return err_set(err, ERR_HOST, "%s is not a directory", path);
	return 0;
}

/* A tree that is being removed. */
struct removal {
	dev_t dev;
	int top;        /* its own directory */
	unsigned moved; /* subtrees brought up to `top` */
	bool again;     /* ... in this pass */
};

/* Each level costs two descriptors; whoever made the tree may have made it very deep. */
enum { LEVELS_MAX = 64, MOVE_TRIES = 1000 };

static int remove_entry(struct removal *r, int dirfd, const char *name, int level,
			struct err *err);

static int remove_children(struct removal *r, int fd, int level, struct err *err)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	AUTO(closedir_at) DIR *d = own < 0 ? NULL : fdopendir(own);
	struct dirent *e;

	if (!d) {
		(void)err_sys(err, "list directory");
		close_at(&own);
		return -1;
	}
	rewinddir(d);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (remove_entry(r, fd, e->d_name, level, err) < 0)
			return -1;
	}
	return 0;
}

/* Too deep to go into: bring it up, and let the next pass find it there. */
static int bring_up(struct removal *r, int dirfd, const char *name, struct err *err)
{
	char to[32];

	for (int i = 0; i < MOVE_TRIES; i++) {
		(void)snprintf(to, sizeof to, ".removed.%u", r->moved++);
		if (renameat(dirfd, name, r->top, to) == 0) {
			r->again = true;
			return 0;
		}
	}
	return err_sys(err, "move %s", name);
}

static int open_entry(int dirfd, const char *name, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "open %s", name);
	if ((st.st_mode & 0700) != 0700) /* else its entries could not be removed */
		(void)fchmod(fd, 0700);
	return take_fd(&fd);
}

static int remove_directory(struct removal *r, int dirfd, const char *name, int level,
			    struct err *err)
{
	AUTO_CLOSE int fd = open_entry(dirfd, name, err);

	if (fd < 0)
		return -1;
	if (level >= LEVELS_MAX)
		return bring_up(r, dirfd, name, err);
	if (level == 0)
		r->top = fd;
	do {
		r->again = false;
		if (remove_children(r, fd, level + 1, err) < 0)
			return -1;
	} while (level == 0 && r->again);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, "remove %s", name);
	return 0;
}

static int remove_entry(struct removal *r, int dirfd, const char *name, int level,
			struct err *err)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "stat %s", name);
	if (!S_ISDIR(st.st_mode))
		return unlinkat(dirfd, name, 0) < 0 && errno != ENOENT
			       ? err_sys(err, "remove %s", name)
			       : 0;
	if (st.st_dev != r->dev)
		return err_set(err, ERR_HOST, "%s is a mount point", name);
	return remove_directory(r, dirfd, name, level, err);
}

int fs_remove_tree_at(int dirfd, const char *name, struct err *err)
{
	struct removal r = { .top = -1 };
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "stat %s", name);
	r.dev = st.st_dev;
	return remove_entry(&r, dirfd, name, 0, err);
}

int fs_remove_tree(const char *path, struct err *err)
{
	return fs_remove_tree_at(AT_FDCWD, path, err);
}

int fs_check_room(const char *path, struct err *err)
{
	struct statvfs fs;

	if (statvfs(path, &fs) < 0)
		return 0;
	errno = ENOSPC;
	if ((uint64_t)fs.f_bavail * fs.f_frsize < ROOM_BYTES)
		return err_sys(err, "%s: its disk is full", path);
	if (fs.f_files && fs.f_favail < ROOM_FILES)
		return err_sys(err, "%s: its disk has no inodes left", path);
	return 0;
}

bool fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
