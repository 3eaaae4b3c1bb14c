/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugins/plugin/trees.h"
#include "util/buf.h"
#include "util/cleanup.h"

enum { DEPTH_MAX = 64 };

struct sealing {
	int top;
	struct buf path; /* of what is looked at, below the top */
};

static int seal_dir(struct sealing *s, int dir, int depth, struct err *err);

static int refuse(const struct sealing *s, const char *why, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%.300s in the plugin %s", s->path.data, why);
}

/* Root's and nobody else's to write; as another user (tests) the owner stays. */
static int own(const struct sealing *s, int fd, mode_t mode, struct err *err)
{
	if ((geteuid() == 0 && fchown(fd, 0, 0) < 0) || fchmod(fd, mode) < 0)
		return err_sys(err, "own %.300s", s->path.data);
	return 0;
}

static int seal_file(struct sealing *s, int at, const char *name, const struct stat *st,
		     struct err *err)
{
	AUTO_CLOSE int fd = openat(at, name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (st->st_nlink > 1)
		return refuse(s, "is a hard link", err);
	if (fd < 0)
		return err_sys(err, "open %.300s", s->path.data);
	return own(s, fd, st->st_mode & 0111 ? 0755 : 0644, err);
}

/* Where it leads is asked of the kernel, which follows every link on the way. */
static int check_link(const struct sealing *s, struct err *err)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int fd = (int)syscall(SYS_openat2, s->top, s->path.data, &how,
					 sizeof how);

	if (fd >= 0 || errno == ENOENT)
		return 0;
	if (errno == EXDEV || errno == ELOOP)
		return refuse(s, "is a symlink that leads out of it", err);
	return err_sys(err, "follow %.300s", s->path.data);
}

static int seal_entry(struct sealing *s, int at, const char *name, int depth,
		      struct err *err)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "%.300s", s->path.data);
	if (S_ISREG(st.st_mode))
		return seal_file(s, at, name, &st, err);
	if (S_ISLNK(st.st_mode)) {
		if (geteuid() == 0 && fchownat(at, name, 0, 0, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(err, "own %.300s", s->path.data);
		return check_link(s, err);
	}
	if (!S_ISDIR(st.st_mode))
		return refuse(s, "is no file, directory or symlink", err);
	if (depth >= DEPTH_MAX)
		return refuse(s, "lies too deep", err);

	AUTO_CLOSE int fd = openat(at, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open %.300s", s->path.data);
	if (own(s, fd, 0755, err) < 0)
		return -1;
	return seal_dir(s, fd, depth + 1, err);
}

static int seal_dir(struct sealing *s, int dir, int depth, struct err *err)
{
	size_t len = s->path.len;
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	AUTO(closedir_at) DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	if (!d) {
		(void)err_sys(err, "list %.300s", s->path.data);
		close_at(&copy);
		return -1;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		buf_addf(&s->path, "%s%s", len ? "/" : "", e->d_name);
		if (seal_entry(s, dir, e->d_name, depth, err) < 0)
			return -1;
		buf_cut(&s->path, len);
	}
	return 0;
}

int seal_tree(const char *dir, struct err *err)
{
	AUTO_CLOSE int top = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct sealing s = { .top = top, .path = BUF_INIT };
	int rc;

	if (top < 0)
		return err_sys(err, "open %s", dir);
	rc = own(&s, top, 0755, err) < 0 ? -1 : seal_dir(&s, top, 0, err);
	buf_release(&s.path);
	return rc;
}
