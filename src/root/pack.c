/* SPDX-License-Identifier: MIT */
#include "root/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "root/layer.h"
#include "root/protocol.h"
#include "root/request.h"
#include "root/tree.h"
#include "root/userns.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/strv.h"
#include "util/tarput.h"

enum { PATH_BYTES_MAX = 16384 };

/* Files with several names, by inode, in the order of inodes. */
struct linked {
	ino_t ino;
	char *path;
};

struct packer {
	struct tarput tar;
	struct buf path;
	struct linked *links;
	size_t link_count;
	int64_t bytes;
};

static void packer_release(struct packer *p)
{
	for (size_t i = 0; i < p->link_count; i++)
		free(p->links[i].path);
	free(p->links);
	tarput_release(&p->tar);
	buf_release(&p->path);
}

/* Where this inode is, or would be. */
static size_t link_place(const struct packer *p, ino_t ino)
{
	size_t low = 0;
	size_t high = p->link_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->links[mid].ino < ino)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The name under which this inode was packed before; else it is remembered, and NULL. */
static const char *packed_as(struct packer *p, ino_t ino)
{
	size_t at = link_place(p, ino);

	if (at < p->link_count && p->links[at].ino == ino)
		return p->links[at].path;
	p->links = xrealloc(p->links, p->link_count + 1, sizeof *p->links);
	memmove(p->links + at + 1, p->links + at,
		(p->link_count - at) * sizeof *p->links);
	p->links[at] = (struct linked){ .ino = ino, .path = xstrdup(p->path.data) };
	p->link_count++;
	return NULL;
}

static int put(struct packer *p, const struct stat *st, char type, const char *link,
	       struct err *err)
{
	return tarput_item(&p->tar,
			   &(struct tarput_item){
				   .name = p->path.data,
				   .link = link,
				   .type = type,
				   .mode = type == '2' ? 0777 : st->st_mode & 01777,
				   .uid = st->st_uid,
				   .gid = st->st_gid,
				   .size = type == '0' ? st->st_size : 0,
				   .mtime = st->st_mtime,
			   },
			   err);
}

static int put_file(struct packer *p, int dir, const char *name, const struct stat *st,
		    struct err *err)
{
	AUTO_CLOSE int fd = -1;
	const char *before = st->st_nlink > 1 ? packed_as(p, st->st_ino) : NULL;

	if (before)
		return put(p, st, '1', before, err);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open");
	p->bytes += st->st_size;
	return put(p, st, '0', NULL, err) < 0
		       ? -1
		       : tarput_file(&p->tar, fd, st->st_size, err);
}

static int put_symlink(struct packer *p, int dir, const char *name, const struct stat *st,
		       struct err *err)
{
	char to[4096];
	ssize_t n = readlinkat(dir, name, to, sizeof to - 1);

	if (n < 0)
		return err_sys(err, "read symlink");
	to[n] = '\0';
	return put(p, st, '2', to, err);
}

/* An empty file that says something of the layers below. */
static int put_mark(struct packer *p, const char *mark, const char *name, struct err *err)
{
	struct stat none = { .st_mode = 0644 };
	size_t len = p->path.len;
	int rc;

	buf_addf(&p->path, "%s%s%s", len ? "/" : "", mark, name);
	rc = put(p, &none, '0', NULL, err);
	buf_cut(&p->path, len);
	return rc;
}

static int put_tree(struct packer *p, int dir, struct err *err);

static int put_dir(struct packer *p, int dir, const char *name, const struct stat *st,
		   struct err *err)
{
	AUTO_CLOSE int fd = openat(dir, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char value[4];

	if (fd < 0)
		return err_sys(err, "open");
	if (put(p, st, '5', NULL, err) < 0)
		return -1;
	if (fgetxattr(fd, TREE_OPAQUE, value, sizeof value) == 1 &&
	    put_mark(p, PACK_OPAQUE, "", err) < 0)
		return -1;
	return put_tree(p, fd, err);
}

static bool is_deletion(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static int put_entry(struct packer *p, int dir, const char *name, struct err *err)
{
	size_t len = p->path.len;
	struct stat st;
	int rc;

	/* A name like that would be read as a deletion elsewhere. */
	if (strncmp(name, PACK_GONE, strlen(PACK_GONE)) == 0)
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "stat %s", name);
	if (is_deletion(&st))
		return put_mark(p, PACK_GONE, name, err);
	buf_addf(&p->path, "%s%s", len ? "/" : "", name);
	if (p->path.len > PATH_BYTES_MAX)
		return err_set(err, ERR_REFUSED, "directories too deep");
	if (S_ISDIR(st.st_mode))
		rc = put_dir(p, dir, name, &st, err);
	else if (S_ISREG(st.st_mode))
		rc = put_file(p, dir, name, &st, err);
	else if (S_ISLNK(st.st_mode))
		rc = put_symlink(p, dir, name, &st, err);
	else
		rc = 0; /* sockets and fifos mean nothing in a layer */
	if (rc == 0)
		buf_cut(&p->path, len);
	return rc;
}

/* Names in byte order. */
static int put_tree(struct packer *p, int dir, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(closedir_at) DIR *d = NULL;
	int fd = dup(dir);
	struct dirent *e;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return err_sys(err, "list directory");
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strv_add(&names, e->d_name);
	strv_sort(&names);
	strv_foreach(name, &names)
		if (put_entry(p, dir, name, err) < 0)
			return -1;
	return 0;
}

/* A `work` of userns_run; ctx is where to write. */
static int pack(void *ctx, int64_t *value, struct err *err)
{
	AUTO(packer_release)
	struct packer p = { .tar = TARPUT_INIT(*(int *)ctx), .path = BUF_INIT };
	AUTO_CLOSE int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(err, "open the layer");
	if (put_tree(&p, dir, err) < 0)
		return p.path.len ? err_context(err, "%s", p.path.data) : -1;
	*value = p.bytes;
	return tarput_end(&p.tar, err);
}

int verb_pack(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_CLOSE int user = -1;
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int mnt = -1;
	const char *layer = NULL;
	int64_t bytes = 0;
	int fd;

	if (request_id(op, "layer", &layer, err) < 0 ||
	    request_fd(op, "fd", &fd, err) < 0 ||
	    userns_open_app(STACK_APP, &user, err) < 0 ||
	    layer_open(layer, &dir, err) < 0 ||
	    userns_idmap(dir, user, true, &mnt, err) < 0)
		return -1;
	struct userns_job job = {
		.user_fd = user, .root_fd = mnt, .keep = { fd }, .work = pack, .ctx = &fd
	};

	if (userns_run(&job, &bytes, err) < 0)
		return err_context(err, "pack layer %s", layer);
	(void)json_object_set_new(reply, "bytes", json_integer(bytes));
	return 0;
}
