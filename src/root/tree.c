/* SPDX-License-Identifier: MIT */
#include "root/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "root/dirs.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"

/* A file with several names, remembered by its inode. */
struct linked {
	ino_t ino;
	char *path;
};

struct copier {
	const struct tree_copy *c;
	struct buf path; /* of the entry in hand, relative to the top */
	struct linked *links;
	size_t link_count;
	int64_t bytes;
};

static int copy_contents(int from, int to, int64_t size, struct err *err)
{
	while (size > 0) {
		/* Between two file systems, copy_file_range is refused. */
		ssize_t n = sendfile(to, from, NULL, (size_t)size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "copy");
		if (n == 0)
			return 0;
		size -= n;
	}
	return 0;
}

/* Data extents only: a sparse file stays sparse. */
static int copy_data(int from, int to, const struct stat *st, struct err *err)
{
	off_t at = 0;

	if ((int64_t)st->st_blocks * 512 >= st->st_size)
		return copy_contents(from, to, st->st_size, err);
	if (ftruncate(to, st->st_size) < 0)
		return err_sys(err, "copy");
	while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(from, at, SEEK_HOLE);

		if (end < 0 || lseek(from, at, SEEK_SET) < 0 ||
		    lseek(to, at, SEEK_SET) < 0)
			return err_sys(err, "copy");
		if (copy_contents(from, to, end - at, err) < 0)
			return -1;
		at = end;
	}
	return errno == ENXIO ? 0 : err_sys(err, "copy");
}

static int finish(int fd, const struct stat *st, mode_t mode, struct err *err)
{
	struct timespec times[2] = { st->st_mtim, st->st_mtim };

	if (((st->st_uid || st->st_gid) && fchown(fd, st->st_uid, st->st_gid) < 0) ||
	    fchmod(fd, mode) < 0 || futimens(fd, times) < 0)
		return err_sys(err, "set owner and mode");
	return 0;
}

/* Was this inode copied before?  Then link it.  1 = done. */
static int copy_link(struct copier *k, const struct stat *st, int to, const char *name,
		     struct err *err)
{
	for (size_t i = 0; i < k->link_count; i++) {
		if (k->links[i].ino != st->st_ino)
			continue;
		if (linkat(AT_FDCWD, k->links[i].path, to, name, 0) < 0)
			return err_sys(err, "hard link");
		return 1;
	}
	k->links = xrealloc(k->links, k->link_count + 1, sizeof *k->links);
	k->links[k->link_count++] = (struct linked){ .ino = st->st_ino,
						     .path = xstrdup(k->path.data) };
	return 0;
}

static int copy_file(struct copier *k, int from, int to, const char *name,
		     struct err *err)
{
	AUTO_CLOSE int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int out = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		return err_sys(err, "open");
	if (st.st_nlink > 1) {
		int rc = copy_link(k, &st, to, name, err);

		if (rc)
			return rc < 0 ? -1 : 0;
	}
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(err, "create");
	if (copy_data(in, out, &st, err) < 0)
		return -1;
	k->bytes += st.st_size;
	return finish(out, &st, st.st_mode & 0777, err);
}

static int copy_symlink(int from, int to, const char *name, const struct stat *st,
			struct err *err)
{
	char target[4096];
	ssize_t n = readlinkat(from, name, target, sizeof target - 1);

	if (n < 0)
		return err_sys(err, "read symlink");
	target[n] = '\0';
	if (symlinkat(target, to, name) < 0 ||
	    fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "create symlink");
	return 0;
}

/* Is the entry in hand a mount point that the container's start left behind, empty? */
static bool skipped(const struct copier *k, int from, const char *name,
		    const struct stat *st)
{
	for (const char *const *s = k->c->skip; s && *s; s++) {
		if (strcmp(*s, k->path.data) != 0)
			continue;
		if (S_ISREG(st->st_mode))
			return st->st_size == 0;
		AUTO_CLOSE int fd = openat(from, name,
					   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		AUTO(closedir_at) DIR *d = fd < 0 ? NULL : fdopendir(dup(fd));
		int count = 0;

		while (d && readdir(d))
			count++;
		return count <= 2;
	}
	return false;
}

/* Is the entry outside the part that is wanted? */
static bool outside(const struct copier *k)
{
	const char *only = k->c->only;
	size_t a = strlen(only);
	size_t b = k->path.len;
	size_t n = a < b ? a : b;

	if (!a)
		return false;
	if (memcmp(only, k->path.data, n) != 0)
		return true;
	return a < b ? k->path.data[a] != '/' : a > b && only[b] != '/';
}

static int copy_dir(struct copier *k, int from, int to, struct err *err);

static int copy_subdir(struct copier *k, int from, int to, const char *name,
		       struct err *err)
{
	AUTO_CLOSE int in = openat(from, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int out = -1;
	struct stat st;
	char value[4];

	if (in < 0 || fstat(in, &st) < 0)
		return err_sys(err, "open");
	if (mkdirat(to, name, 0700) < 0)
		return err_sys(err, "create");
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return err_sys(err, "open");
	if (!k->c->mergeable && fgetxattr(in, TREE_OPAQUE, value, sizeof value) == 1 &&
	    fsetxattr(out, TREE_OPAQUE, value, 1, 0) < 0)
		return err_sys(err, "mark as opaque");
	if (copy_dir(k, in, out, err) < 0)
		return -1;
	return finish(out, &st, st.st_mode & (01777 | S_ISGID), err);
}

static int copy_entry(struct copier *k, int from, int to, const char *name,
		      struct err *err)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "stat");
	if (outside(k) || skipped(k, from, name, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return copy_subdir(k, from, to, name, err);
	if (S_ISREG(st.st_mode))
		return copy_file(k, from, to, name, err);
	if (S_ISLNK(st.st_mode))
		return copy_symlink(from, to, name, &st, err);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0) &&
	    mknodat(to, name, S_IFCHR, makedev(0, 0)) < 0)
		return err_sys(err, "keep a deletion");
	return 0; /* sockets and fifos mean nothing in a layer */
}

static int copy_dir(struct copier *k, int from, int to, struct err *err)
{
	AUTO(closedir_at) DIR *d = fdopendir(dup(from));
	size_t len = k->path.len;
	struct dirent *e;

	if (!d)
		return err_sys(err, "list directory %s", k->path.data);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		buf_addf(&k->path, "%s%s", len ? "/" : "", e->d_name);
		if (k->path.len > 16384)
			return err_set(err, ERR_REFUSED, "directories too deep");
		if (copy_entry(k, from, to, e->d_name, err) < 0)
			return -1;
		buf_cut(&k->path, len);
	}
	return 0;
}

int tree_copy(void *ctx, int64_t *value, struct err *err)
{
	struct copier k = { .c = ctx, .path = BUF_INIT };
	AUTO_CLOSE int to = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	(void)umask(0);
	rc = to < 0 ? err_sys(err, "open the new layer")
		    : copy_dir(&k, k.c->from, to, err);
	if (rc < 0 && k.path.len)
		(void)err_context(err, "%s", k.path.data);
	*value = k.bytes;
	for (size_t i = 0; i < k.link_count; i++)
		free(k.links[i].path);
	free(k.links);
	buf_release(&k.path);
	return rc;
}

int tree_empty(void *ctx, int64_t *value, struct err *err)
{
	AUTO(closedir_at) DIR *d = opendir(".");
	struct dirent *e;

	(void)ctx;
	*value = 0;
	if (!d)
		return err_sys(err, "list directory");
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    fs_remove_tree_at(dirfd(d), e->d_name, err) < 0)
			return -1;
	return 0;
}

int64_t tree_bytes(int dirfd, const char *name)
{
	AUTO_CLOSE int fd = openat(dirfd, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO(closedir_at) DIR *d = fd < 0 ? NULL : fdopendir(dup(fd));
	struct dirent *e;
	int64_t sum = 0;

	while (d && (e = readdir(d)) != NULL) {
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		sum += (int64_t)st.st_blocks * 512;
		if (S_ISDIR(st.st_mode))
			sum += tree_bytes(fd, e->d_name);
	}
	return sum;
}
