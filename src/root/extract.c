/* SPDX-License-Identifier: MIT */
#include "root/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "root/dirs.h"
#include "root/pack.h"
#include "root/tar.h"
#include "root/tree.h"
#include "util/cleanup.h"
#include "util/fs.h"

/* At most so much of a file at once. */
enum { DATA_STEP = 256 << 10 };

/* Where the last entry went: most entries are in the directory of the one before. */
struct place {
	const struct extract *x;
	struct tar tar;
	struct buf name; /* the entry, relative to the tree */
	struct buf dir;  /* path of dir_fd */
	int dir_fd;
	int64_t bytes;
};

int extract_name(const char *name, struct buf *out, struct err *err)
{
	if (name[0] == '/')
		return err_set(err, ERR_REFUSED,
			       "an absolute name in the archive: %.200s", name);
	for (const char *p = name; *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			return err_set(err, ERR_REFUSED,
				       "'..' in a name of the archive: %.200s", name);
		if (n > NAME_MAX)
			return err_set(err, ERR_REFUSED,
				       "a name of the archive is too long: %.200s", name);
		if (!(n == 1 && p[0] == '.')) {
			if (out->len)
				buf_addc(out, '/');
			buf_add(out, p, n);
		}
		p += n;
	}
	return 0;
}

bool extract_link_stays(const char *target, int depth)
{
	bool leading = true;

	if (target[0] == '/' || !target[0])
		return false;
	for (const char *p = target; *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");
		bool up = n == 2 && p[0] == '.' && p[1] == '.';

		if (up && (!leading || --depth < 0))
			return false;
		if (!up && !(n == 1 && p[0] == '.'))
			leading = false;
		p += n;
	}
	return true;
}

/* mkdir -p of the entry's parent, one step at a time, never through a symlink. */
static int make_parents(const struct place *p, char *dir, struct err *err)
{
	uid_t owner = p->x->uid >= 0 ? (uid_t)p->x->uid : 0;

	for (char *s = dir;; s++) {
		if (*s != '/' && *s)
			continue;
		char was = *s;

		*s = '\0';
		AUTO_CLOSE int fd = dirs_open_at(AT_FDCWD, dir, O_PATH | O_DIRECTORY);
		if (fd < 0 && errno == ENOENT) {
			if (mkdir(dir, 0755) < 0 || lchown(dir, owner, owner) < 0)
				return err_sys(err, "create directory %s", dir);
		} else if (fd < 0) {
			(void)err_sys(err, "directory %s of the archive", dir);
			return errno == ELOOP ? err_hint(err, "the name goes through a "
							      "symlink: pack the tree "
							      "without it")
					      : -1;
		}
		*s = was;
		if (!was)
			return 0;
	}
}

/* Open the parent directory of p->name; *base is its last part. */
static int enter_parent(struct place *p, const char **base, struct err *err)
{
	char *slash = strrchr(p->name.data, '/');
	size_t len = slash ? (size_t)(slash - p->name.data) : 0;

	*base = slash ? slash + 1 : p->name.data;
	if (p->dir_fd >= 0 && p->dir.len == len &&
	    memcmp(p->dir.data, p->name.data, len) == 0)
		return 0;
	close_now(&p->dir_fd);
	buf_reset(&p->dir);
	buf_add(&p->dir, p->name.data, len);
	if (!len) {
		p->dir_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	} else {
		p->dir_fd = dirs_open_at(AT_FDCWD, p->dir.data, O_PATH | O_DIRECTORY);
		if (p->dir_fd < 0) {
			if (make_parents(p, p->dir.data, err) < 0)
				return -1;
			p->dir_fd = dirs_open_at(AT_FDCWD, p->dir.data,
						 O_PATH | O_DIRECTORY);
		}
	}
	return p->dir_fd < 0 ? err_sys(err, "open directory %s", p->dir.data) : 0;
}

static mode_t mode_of(const struct place *p, const struct tar_entry *e)
{
	if (e->type == TAR_DIR)
		return p->x->web ? 0755 : e->mode & (01777 | S_ISGID);
	return p->x->web ? 0644 : e->mode & 0777;
}

static int owner_of(const struct place *p, const struct tar_entry *e, uid_t *uid,
		    gid_t *gid, struct err *err)
{
	int64_t u = p->x->uid >= 0 ? p->x->uid : e->uid;
	int64_t g = p->x->uid >= 0 ? p->x->uid : e->gid;

	if (u < 0 || u > 65535 || g < 0 || g > 65535)
		return err_set(err, ERR_REFUSED, "%s has an owner above 65535", e->path);
	*uid = (uid_t)u;
	*gid = (gid_t)g;
	return 0;
}

/* The later entry of a name wins. */
static int clear_name(const struct place *p, const char *base, struct err *err)
{
	if (unlinkat(p->dir_fd, base, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR && unlinkat(p->dir_fd, base, AT_REMOVEDIR) == 0)
		return 0;
	return err_sys(err, "replace %s", p->name.data);
}

static int put_contents(struct place *p, int fd, struct err *err)
{
	const char *data = NULL;
	ssize_t n;

	while ((n = tar_data(&p->tar, &data, DATA_STEP, err)) > 0) {
		p->bytes += n;
		if (p->bytes > p->x->max_bytes)
			return err_set(err, ERR_REFUSED,
				       "the archive holds more than %lld bytes",
				       (long long)p->x->max_bytes);
		if (fs_write_all(fd, data, (size_t)n) < 0)
			return err_sys(err, "write %s", p->name.data);
	}
	return n < 0 ? -1 : 0;
}

static int put_file(struct place *p, const struct tar_entry *e, const char *base,
		    struct err *err)
{
	struct timespec times[2] = { { .tv_sec = e->mtime }, { .tv_sec = e->mtime } };
	AUTO_CLOSE int fd = -1;
	uid_t uid = 0;
	gid_t gid = 0;

	if (owner_of(p, e, &uid, &gid, err) < 0)
		return -1;
	fd = openat(p->dir_fd, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0 && errno == EEXIST) {
		if (clear_name(p, base, err) < 0)
			return -1;
		fd = openat(p->dir_fd, base,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return err_sys(err, "create %s", p->name.data);
	if (put_contents(p, fd, err) < 0)
		return -1;
	if (((uid || gid) && fchown(fd, uid, gid) < 0) || fchmod(fd, mode_of(p, e)) < 0 ||
	    (e->mtime >= 0 && futimens(fd, times) < 0))
		return err_sys(err, "set owner and mode of %s", p->name.data);
	return 0;
}

static int put_dir(struct place *p, const struct tar_entry *e, const char *base,
		   struct err *err)
{
	AUTO_CLOSE int fd = -1;
	uid_t uid = 0;
	gid_t gid = 0;

	if (owner_of(p, e, &uid, &gid, err) < 0)
		return -1;
	if (mkdirat(p->dir_fd, base, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", p->name.data);
	fd = openat(p->dir_fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, uid, gid) < 0 || fchmod(fd, mode_of(p, e)) < 0)
		return err_sys(err, "directory %s of the archive", p->name.data);
	return 0;
}

static int put_symlink(struct place *p, const struct tar_entry *e, const char *base,
		       struct err *err)
{
	int depth = 0;
	uid_t uid = 0;
	gid_t gid = 0;

	for (const char *s = p->dir.data; *s; s++)
		depth += *s == '/';
	depth += p->dir.len > 0;
	if (p->x->web && !extract_link_stays(e->target, depth)) {
		(void)err_set(err, ERR_REFUSED, "the symlink %s leaves the site's tree",
			      p->name.data);
		return err_hint(err, "replace the link by the file itself");
	}
	if (owner_of(p, e, &uid, &gid, err) < 0 || clear_name(p, base, err) < 0)
		return -1;
	if (symlinkat(e->target, p->dir_fd, base) < 0 ||
	    fchownat(p->dir_fd, base, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "create symlink %s", p->name.data);
	return 0;
}

/* A hard link: the target is a name of the archive, so below the prefix too. */
static int put_link(struct place *p, const struct tar_entry *e, const char *base,
		    struct err *err)
{
	AUTO(buf_release) struct buf old = BUF_INIT;
	AUTO_CLOSE int dir = -1;
	struct stat st;
	char *slash;

	buf_adds(&old, p->x->prefix);
	if (extract_name(e->target, &old, err) < 0)
		return -1;
	slash = strrchr(old.data, '/');
	if (slash)
		*slash = '\0';
	dir = slash ? dirs_open_at(AT_FDCWD, old.data, O_PATH | O_DIRECTORY)
		    : open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name = slash ? slash + 1 : old.data;

	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "target %s of hard link %s", e->target, p->name.data);
	/* A second name of a relative symlink leads elsewhere: no site has one. */
	if (!S_ISREG(st.st_mode) && (p->x->web || !S_ISLNK(st.st_mode)))
		return err_set(err, ERR_REFUSED, "hard link %s to something odd",
			       p->name.data);
	if (clear_name(p, base, err) < 0)
		return -1;
	if (linkat(dir, name, p->dir_fd, base, 0) < 0)
		return err_sys(err, "hard link %s to %s", p->name.data, e->target);
	return 0;
}

/* The mark of a directory stands in it; the directory may be one of its own making. */
static int put_opaque(struct place *p, struct err *err)
{
	AUTO_CLOSE int dir = openat(p->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || fsetxattr(dir, TREE_OPAQUE, "y", 1, 0) < 0)
		return err_sys(err, "mark %s as opaque", p->dir.data);
	return 0;
}

/* 1: the entry says nothing of the layers below. */
static int put_deletion(struct place *p, const char *base, struct err *err)
{
	const char *name = base + strlen(PACK_GONE);

	if (!p->x->deletions || strncmp(base, PACK_GONE, strlen(PACK_GONE)) != 0)
		return 1;
	if (strcmp(base, PACK_OPAQUE) == 0)
		return put_opaque(p, err);
	if (strncmp(name, PACK_GONE, strlen(PACK_GONE)) == 0)
		return 0; /* notes of an older kind of layers */
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, ERR_REFUSED, "%s deletes no name", p->name.data);
	if (clear_name(p, name, err) < 0)
		return -1;
	return mknodat(p->dir_fd, name, S_IFCHR, makedev(0, 0)) < 0
		       ? err_sys(err, "keep the deletion of %s", p->name.data)
		       : 0;
}

static int put_entry(struct place *p, const struct tar_entry *e, struct err *err)
{
	int rc;

	const char *base = NULL;

	buf_reset(&p->name);
	buf_adds(&p->name, p->x->prefix);
	if (extract_name(e->path, &p->name, err) < 0)
		return -1;
	if (e->type == TAR_DEVICE) {
		if (strncmp(p->name.data, "dev/", 4) == 0)
			return 0;
		return err_set(err, ERR_REFUSED, "a device or fifo in the archive: %s",
			       e->path);
	}
	if (!p->name.len)
		return 0;
	if (enter_parent(p, &base, err) < 0)
		return -1;
	rc = put_deletion(p, base, err);
	if (rc <= 0)
		return rc;
	switch (e->type) {
	case TAR_FILE: return put_file(p, e, base, err);
	case TAR_DIR: return put_dir(p, e, base, err);
	case TAR_SYMLINK: return put_symlink(p, e, base, err);
	case TAR_LINK: return put_link(p, e, base, err);
	case TAR_DEVICE: break;
	}
	return 0;
}

/* The writer may still be sending padding: take it, so that it does not fail. */
static void drain(int fd)
{
	char waste[8192];

	while (read(fd, waste, sizeof waste) > 0)
		;
}

static int put_all(struct place *p, struct err *err)
{
	struct tar_entry e;
	int64_t count = 0;
	int rc;

	while ((rc = tar_next(&p->tar, &e, err)) == 0) {
		if (++count > p->x->max_entries)
			return err_set(err, ERR_REFUSED,
				       "the archive holds more than %lld entries",
				       (long long)p->x->max_entries);
		if (put_entry(p, &e, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

static int make_prefix(struct place *p, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;

	if (!p->x->prefix[0])
		return 0;
	buf_adds(&path, p->x->prefix);
	return make_parents(p, path.data, err);
}

int extract_tree(void *ctx, int64_t *value, struct err *err)
{
	const struct extract *x = ctx;
	struct place p = { .x = x, .name = BUF_INIT, .dir = BUF_INIT, .dir_fd = -1 };
	int rc;

	(void)umask(0);
	tar_init(&p.tar, x->fd);
	rc = make_prefix(&p, err);
	if (rc == 0)
		rc = put_all(&p, err);
	if (rc == 0)
		drain(x->fd);
	*value = p.bytes;
	tar_release(&p.tar);
	buf_release(&p.name);
	buf_release(&p.dir);
	close_now(&p.dir_fd);
	return rc;
}
