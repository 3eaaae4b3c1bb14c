/* SPDX-License-Identifier: MIT */
#include "util/treetar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/fs.h"
#include "util/strv.h"
#include "util/tarput.h"

#define DEPTH_MAX 200
#define APP_UID   1000
#define SAID_MAX  2048

struct writer {
	struct tarput tar;
	struct buf path;
	int depth;
};

static int put_item(struct writer *w, const struct tarput_item *want, struct err *err)
{
	struct tarput_item i = *want;

	i.name = w->path.data;
	i.uid = APP_UID;
	i.gid = APP_UID;
	return tarput_item(&w->tar, &i, err);
}

static int put_file(struct writer *w, int dir, const char *name, const struct stat *st,
		    struct err *err)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "read %s", w->path.data);
	if (put_item(w,
		     &(struct tarput_item){ .type = '0',
					    .mode = st->st_mode & 0100 ? 0755 : 0644,
					    .size = st->st_size,
					    .mtime = st->st_mtime },
		     err) < 0)
		return -1;
	if (tarput_file(&w->tar, fd, st->st_size, err) < 0)
		return err_context(err, "%s", w->path.data);
	return 0;
}

static int put_link(struct writer *w, int dir, const char *name, const struct stat *st,
		    struct err *err)
{
	char to[4096];
	ssize_t n = readlinkat(dir, name, to, sizeof to - 1);

	if (n < 0)
		return err_sys(err, "read %s", w->path.data);
	to[n] = '\0';
	return put_item(
		w,
		&(struct tarput_item){
			.link = to, .type = '2', .mode = 0777, .mtime = st->st_mtime },
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
		     &(struct tarput_item){
			     .type = '5', .mode = 0755, .mtime = st->st_mtime },
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
	struct writer w = { .tar = TARPUT_INIT(fd), .path = BUF_INIT };
	AUTO_CLOSE int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (top < 0)
		return err_sys(err, "read %s", dir);
	rc = put_tree(&w, top, err);
	if (rc == 0)
		rc = tarput_end(&w.tar, err);
	tarput_release(&w.tar);
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
	    fs_read_fd(t->said, SAID_MAX, &text, err) < 0 || !text.len)
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
