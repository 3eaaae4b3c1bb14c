/* SPDX-License-Identifier: MIT */
#include "deploy/blob.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy/digest.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* How much is looked at at once. */
enum { STEP = 256 << 10 };

static void reader_free_at(struct archive **a)
{
	if (*a)
		(void)archive_read_free(*a);
}

static void writer_free_at(struct archive **a)
{
	if (*a)
		(void)archive_write_free(*a);
}

static void entry_free_at(struct archive_entry **e)
{
	archive_entry_free(*e);
}

int blob_file(int *fd, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/work");

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	*fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return *fd < 0 ? err_sys(err, "make a file in %s", dir) : 0;
}

/* --- compressing -------------------------------------------------------------------- */

struct squeeze {
	int to;
	int64_t size;
	struct digest stored;
};

static la_ssize_t take_compressed(struct archive *a, void *ctx, const void *data,
				  size_t len)
{
	struct squeeze *s = ctx;

	if (fs_write_all(s->to, data, len) < 0) {
		archive_set_error(a, errno, "write: %s", strerror(errno));
		return -1;
	}
	digest_add(&s->stored, data, len);
	s->size += (int64_t)len;
	return (la_ssize_t)len;
}

static int failed(struct archive *a, const char *what, struct err *err)
{
	return err_set(err, ERR_HOST, "%s: %s", what, archive_error_string(a));
}

/* The same contents make the same bytes: no time in the header. */
static int open_gzip(struct archive *a, struct squeeze *s, struct archive_entry *e,
		     struct err *err)
{
	archive_entry_set_filetype(e, AE_IFREG);
	if (archive_write_add_filter_gzip(a) != ARCHIVE_OK ||
	    archive_write_set_filter_option(a, "gzip", "compression-level", "4") !=
		    ARCHIVE_OK ||
	    archive_write_set_filter_option(a, "gzip", "timestamp", NULL) != ARCHIVE_OK ||
	    archive_write_set_format_raw(a) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, s, NULL, take_compressed, NULL) != ARCHIVE_OK ||
	    archive_write_header(a, e) != ARCHIVE_OK)
		return failed(a, "compress a layer", err);
	return 0;
}

static int squeeze_all(struct archive *a, int from, struct digest *contents,
		       struct err *err)
{
	AUTO(buf_release) struct buf step = BUF_INIT;
	ssize_t n;

	while ((n = buf_read(&step, from, STEP)) > 0) {
		digest_add(contents, step.data, step.len);
		if (archive_write_data(a, step.data, step.len) < 0)
			return failed(a, "compress a layer", err);
		buf_reset(&step);
	}
	if (n < 0)
		return err_sys(err, "read a layer");
	return archive_write_close(a) == ARCHIVE_OK ? 0
						    : failed(a, "compress a layer", err);
}

int blob_squeeze(int from, int to, struct oci_layer *out, struct err *err)
{
	AUTO(writer_free_at) struct archive *a = archive_write_new();
	AUTO(entry_free_at) struct archive_entry *e = archive_entry_new();
	struct squeeze s = { .to = to };
	struct digest contents;
	int rc;

	digest_start(&contents);
	digest_start(&s.stored);
	rc = open_gzip(a, &s, e, err);
	if (rc == 0)
		rc = squeeze_all(a, from, &contents, err);
	digest_end(&contents, out->diff_id);
	digest_end(&s.stored, out->blob.digest);
	out->blob.size = s.size;
	return rc;
}

/* --- what a layer holds ------------------------------------------------------------- */

typedef int take_fn(void *ctx, const void *data, size_t len, struct err *err);

static int refused(struct archive *a, const char *what, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%s: %s", what, archive_error_string(a));
}

/* The contents, out of gzip or zstd where they are in one. */
static int expand(int from, take_fn *take, void *ctx, struct err *err)
{
	AUTO(reader_free_at) struct archive *a = archive_read_new();
	AUTO_FREE char *step = xmalloc(STEP);
	struct archive_entry *e;
	la_ssize_t n;

	if (lseek(from, 0, SEEK_SET) < 0)
		return err_sys(err, "read a layer");
	if (archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(a) < ARCHIVE_WARN ||
	    archive_read_support_format_raw(a) != ARCHIVE_OK ||
	    archive_read_open_fd(a, from, STEP) != ARCHIVE_OK ||
	    archive_read_next_header(a, &e) != ARCHIVE_OK)
		return refused(a, "a layer of the archive", err);
	while ((n = archive_read_data(a, step, STEP)) > 0)
		if (take(ctx, step, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? refused(a, "a layer of the archive", err) : 0;
}

struct check {
	struct digest d;
	int64_t size;
};

static int take_check(void *ctx, const void *data, size_t len, struct err *err)
{
	struct check *c = ctx;

	c->size += (int64_t)len;
	if (c->size > OCI_BLOB_MAX)
		return err_set(err, ERR_REFUSED, "a layer of the archive holds too much");
	digest_add(&c->d, data, len);
	return 0;
}

int blob_check_contents(int from, const char *diff_id, struct err *err)
{
	struct check c = { .size = 0 };
	char is[OCI_DIGEST];
	int rc;

	digest_start(&c.d);
	rc = expand(from, take_check, &c, err);
	digest_end(&c.d, is);
	if (rc == 0 && strcmp(is, diff_id) != 0)
		return err_set(err, ERR_REFUSED,
			       "a layer of the archive holds %s, and should hold %s", is,
			       diff_id);
	return rc;
}

/* --- children ----------------------------------------------------------------------- */

struct words {
	struct err err;
	struct oci_layer layer;
};

static int take_pipe(void *ctx, const void *data, size_t len, struct err *err)
{
	return fs_write_all(*(int *)ctx, data, len) < 0 ? err_sys(err, "write a layer")
							: 0;
}

/* `reads`: the child reads the pipe. */
static int start(struct blob_child *c, bool reads, int *theirs, struct err *err)
{
	AUTO_CLOSE int said = memfd_create("blob", MFD_CLOEXEC);
	int fds[2];

	if (said < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	(void)fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	c->pipe = fds[reads ? 1 : 0];
	*theirs = fds[reads ? 0 : 1];
	c->said = take_fd(&said);
	c->pid = fork();
	if (c->pid == 0) {
		(void)signal(SIGPIPE, SIG_IGN);
		close_now(&c->pipe);
		return 0;
	}
	close_now(theirs);
	return c->pid < 0 ? err_sys(err, "fork") : 0;
}

static _Noreturn void say(const struct blob_child *c, int rc, struct words *w)
{
	if (rc == 0)
		w->err.kind = ERR_NONE;
	(void)fs_write_all(c->said, w, sizeof *w);
	_exit(rc == 0 ? 0 : 1);
}

static int finish(struct blob_child *c, struct words *w, struct err *err)
{
	int status = 0;

	close_now(&c->pipe);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = -1;
	if (lseek(c->said, 0, SEEK_SET) < 0 ||
	    read(c->said, w, sizeof *w) != (ssize_t)sizeof *w)
		return err_set(err, ERR_HOST, "a child that packed a layer was killed");
	if (w->err.kind == ERR_NONE)
		return 0;
	*err = w->err;
	return -1;
}

int blob_squeeze_start(struct blob_child *c, int to, struct err *err)
{
	struct words w = { .err = { .kind = ERR_NONE } };
	int from = -1;

	if (start(c, true, &from, err) < 0)
		return -1;
	if (c->pid == 0)
		say(c, blob_squeeze(from, to, &w.layer, &w.err), &w);
	return 0;
}

int blob_squeeze_finish(struct blob_child *c, struct oci_layer *out, struct err *err)
{
	struct words w;

	if (finish(c, &w, err) < 0)
		return -1;
	*out = w.layer;
	return 0;
}

int blob_expand_start(struct blob_child *c, int from, struct err *err)
{
	struct words w = { .err = { .kind = ERR_NONE } };
	int to = -1;

	if (start(c, false, &to, err) < 0)
		return -1;
	if (c->pid == 0)
		say(c, expand(from, take_pipe, &to, &w.err), &w);
	return 0;
}

int blob_expand_finish(struct blob_child *c, struct err *err)
{
	struct words w;

	return finish(c, &w, err);
}

void blob_child_release(struct blob_child *c)
{
	close_now(&c->pipe);
	close_now(&c->said);
	if (c->pid < 0)
		return;
	(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	c->pid = -1;
}
