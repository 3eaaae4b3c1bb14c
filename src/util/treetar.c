/* SPDX-License-Identifier: MIT */
/* ustar headers, GNU long names. */
#include "util/treetar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/strv.h"

#define BLOCK     512
#define CHUNK     (256u * 1024)
#define DEPTH_MAX 200
#define APP_UID   1000

struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

/* Bytes are gathered, so that a small file costs no write of its own. */
struct writer {
	int fd;
	struct buf ready;
	struct buf path;
	int depth;
};

static int flush(struct writer *w, struct err *err)
{
	if (fs_write_all(w->fd, w->ready.data, w->ready.len) < 0)
		return err_sys(err, "pack the sources");
	buf_reset(&w->ready);
	return 0;
}

static int pad(struct writer *w, uint64_t size, struct err *err)
{
	static const char zeros[BLOCK];

	buf_add(&w->ready, zeros, (size_t)((BLOCK - size % BLOCK) % BLOCK));
	return w->ready.len >= CHUNK ? flush(w, err) : 0;
}

static void seal(struct header *h)
{
	unsigned sum = 0;

	memset(h->sum, ' ', sizeof h->sum);
	for (size_t i = 0; i < sizeof *h; i++)
		sum += ((const unsigned char *)h)[i];
	(void)snprintf(h->sum, sizeof h->sum, "%06o", sum);
}

struct item {
	const char *name;
	const char *link; /* target of a symlink, or NULL */
	char type;
	mode_t mode;
	int64_t size;
	int64_t mtime;
};

static void put_header(struct writer *w, const struct item *i)
{
	unsigned long long mtime = i->mtime < 0 ? 0 : (unsigned long long)i->mtime;
	struct header h;

	memset(&h, 0, sizeof h);
	memcpy(h.name, i->name, strnlen(i->name, sizeof h.name));
	if (i->link)
		memcpy(h.link, i->link, strnlen(i->link, sizeof h.link));
	(void)snprintf(h.mode, sizeof h.mode, "%07o", i->mode);
	(void)snprintf(h.uid, sizeof h.uid, "%07o", APP_UID);
	(void)snprintf(h.gid, sizeof h.gid, "%07o", APP_UID);
	(void)snprintf(h.size, sizeof h.size, "%011llo", (unsigned long long)i->size);
	(void)snprintf(h.mtime, sizeof h.mtime, "%011llo", mtime & 077777777777ULL);
	h.type = i->type;
	memcpy(h.magic, "ustar", sizeof h.magic);
	memcpy(h.version, "00", sizeof h.version);
	seal(&h);
	buf_add(&w->ready, &h, sizeof h);
}

/* GNU's way for what does not fit into 100 bytes: 'L' a name, 'K' a link's target. */
static int put_long(struct writer *w, char type, const char *text, struct err *err)
{
	int64_t len = (int64_t)strlen(text);

	if (len <= 100)
		return 0;
	put_header(w, &(struct item){ .name = "././@LongLink",
				      .type = type,
				      .mode = 0644,
				      .size = len + 1 });
	buf_add(&w->ready, text, (size_t)len + 1);
	return pad(w, (uint64_t)len + 1, err);
}

static int put_item(struct writer *w, const struct item *i, struct err *err)
{
	if (i->link && put_long(w, 'K', i->link, err) < 0)
		return -1;
	if (put_long(w, 'L', i->name, err) < 0)
		return -1;
	put_header(w, i);
	return 0;
}

static int put_file(struct writer *w, int dir, const char *name, const struct stat *st,
		    struct err *err)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int64_t left = st->st_size;

	if (fd < 0)
		return err_sys(err, "read %s", w->path.data);
	if (put_item(w,
		     &(struct item){ .name = w->path.data,
				     .type = '0',
				     .mode = st->st_mode & 0100 ? 0755 : 0644,
				     .size = left,
				     .mtime = st->st_mtime },
		     err) < 0)
		return -1;
	while (left > 0) {
		ssize_t n = buf_read(&w->ready, fd, left < CHUNK ? (size_t)left : CHUNK);

		if (n < 0)
			return err_sys(err, "read %s", w->path.data);
		if (n == 0)
			return err_set(err, ERR_HOST,
				       "%s became shorter while it was read",
				       w->path.data);
		left -= n;
		if (w->ready.len >= CHUNK && flush(w, err) < 0)
			return -1;
	}
	return pad(w, (uint64_t)st->st_size, err);
}

static int put_link(struct writer *w, int dir, const char *name, const struct stat *st,
		    struct err *err)
{
	char to[4096];
	ssize_t n = readlinkat(dir, name, to, sizeof to - 1);

	if (n < 0)
		return err_sys(err, "read %s", w->path.data);
	to[n] = '\0';
	return put_item(w,
			&(struct item){ .name = w->path.data,
					.link = to,
					.type = '2',
					.mode = 0777,
					.mtime = st->st_mtime },
			err);
}

static int put_tree(struct writer *w, int dir, struct err *err);

static int put_dir(struct writer *w, int dir, const char *name, const struct stat *st,
		   struct err *err)
{
	AUTO_CLOSE int fd = openat(dir, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "read %s", w->path.data);
	if (put_item(w,
		     &(struct item){ .name = w->path.data,
				     .type = '5',
				     .mode = 0755,
				     .mtime = st->st_mtime },
		     err) < 0)
		return -1;
	return put_tree(w, fd, err);
}

static int put_entry(struct writer *w, int dir, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "read %s", w->path.data);
	if (S_ISREG(st.st_mode))
		return put_file(w, dir, name, &st, err);
	if (S_ISLNK(st.st_mode))
		return put_link(w, dir, name, &st, err);
	if (S_ISDIR(st.st_mode))
		return put_dir(w, dir, name, &st, err);
	return err_set(err, ERR_APP, "%s is a device, a pipe or a socket", w->path.data);
}

/* Names in byte order: the same tree makes the same archive. */
static int list(int dir, struct strv *names, struct err *err)
{
	AUTO(closedir_at) DIR *d = NULL;
	AUTO_CLOSE int fd = dup(dir);
	struct dirent *e;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return err_sys(err, "read a directory of the sources");
	(void)take_fd(&fd);
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strv_add(names, e->d_name);
	strv_sort(names);
	return 0;
}

static int put_tree(struct writer *w, int dir, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	size_t was = w->path.len;

	if (w->depth >= DEPTH_MAX)
		return err_set(err, ERR_APP, "directories are nested too deep: %.100s...",
			       w->path.data);
	if (list(dir, &names, err) < 0)
		return -1;
	w->depth++;
	strv_foreach(name, &names) {
		buf_addf(&w->path, "%s%s", was ? "/" : "", name);
		if (put_entry(w, dir, name, err) < 0)
			return -1;
		buf_cut(&w->path, was);
	}
	w->depth--;
	return 0;
}

int treetar_write(const char *dir, int fd, struct err *err)
{
	static const char end[2 * BLOCK];
	struct writer w = { .fd = fd, .ready = BUF_INIT, .path = BUF_INIT };
	AUTO_CLOSE int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (top < 0)
		return err_sys(err, "read %s", dir);
	rc = put_tree(&w, top, err);
	if (rc == 0) {
		buf_add(&w.ready, end, sizeof end);
		rc = flush(&w, err);
	}
	buf_release(&w.ready);
	buf_release(&w.path);
	return rc;
}

static _Noreturn void work_in_child(const char *dir, int out, int said)
{
	struct err err;

	(void)signal(SIGPIPE, SIG_IGN);
	if (treetar_write(dir, out, &err) == 0)
		_exit(0);
	(void)fs_write_all(said, err.text, strlen(err.text));
	_exit(1);
}

int treetar_start(struct treetar *t, const char *dir, struct err *err)
{
	AUTO_CLOSE int said = memfd_create("treetar", MFD_CLOEXEC);
	int fds[2];

	if (said < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	(void)fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	t->pid = fork();
	if (t->pid == 0)
		work_in_child(dir, fds[1], said);
	(void)close(fds[1]);
	t->fd = fds[0];
	t->said = take_fd(&said);
	return t->pid < 0 ? err_sys(err, "fork") : 0;
}

int treetar_finish(struct treetar *t, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int status = 0;

	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		;
	t->pid = -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (lseek(t->said, 0, SEEK_SET) < 0 ||
	    fs_read_fd(t->said, BLOCK * 4, &text, err) < 0 || !text.len)
		return err_set(err, ERR_HOST, "packing a directory failed");
	return err_set(err, ERR_HOST, "%s", text.data);
}

void treetar_release(struct treetar *t)
{
	close_now(&t->fd);
	close_now(&t->said);
	if (t->pid < 0)
		return;
	(void)kill(t->pid, SIGKILL);
	(void)waitpid(t->pid, NULL, 0);
	t->pid = -1;
}
