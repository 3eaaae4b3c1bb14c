/* SPDX-License-Identifier: MIT */
#include "runtime/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

/* How much of a file is read at first, and at most, to find its last lines. */
enum { CHUNK_FIRST = 64 * 1024, CHUNK_MAX = 32 * 1024 * 1024, LINE_MAX_BYTES = 1 << 20 };

void log_lines_release(struct log_lines *lines)
{
	for (size_t i = 0; i < lines->len; i++)
		free(lines->v[i].text);
	free(lines->v);
	*lines = (struct log_lines)LOG_LINES_INIT;
}

static void push(struct log_lines *lines, const struct log_line *line)
{
	if ((lines->len & (lines->len - 1)) == 0)
		lines->v = xrealloc(lines->v, lines->len ? 2 * lines->len : 1,
				    sizeof *lines->v);
	lines->v[lines->len++] = *line;
}

void log_joiner_release(struct log_joiner *j)
{
	buf_release(&j->part[0]);
	buf_release(&j->part[1]);
}

/* The end of the word at `at`, which a space follows; NULL when there is none. */
static const char *word_end(const char *at, const char *end)
{
	return memchr(at, ' ', (size_t)(end - at));
}

static void finish(struct log_line *line, const char *stamp, const char *text, size_t len)
{
	*line = (struct log_line){ .text = xstrndup(text, len) };
	(void)snprintf(line->at, sizeof line->at, "%s", stamp);
}

bool log_join(struct log_joiner *j, const char *text, size_t len, struct log_line *line)
{
	const char *end = text + len;
	const char *stamp_end = word_end(text, end);
	const char *stream = stamp_end ? stamp_end + 1 : NULL;
	const char *stream_end = stream ? word_end(stream, end) : NULL;
	const char *tag = stream_end ? stream_end + 1 : NULL;
	int which;

	if (!tag || end - tag < 1 || (tag[0] != 'F' && tag[0] != 'P') ||
	    (end - tag > 1 && tag[1] != ' ') || stamp_end - text >= LOG_STAMP ||
	    stream_end - stream != 6) {
		finish(line, "", text, len);
		return true;
	}
	which = strncmp(stream, "stderr", 6) == 0;
	if (j->part[which].len == 0)
		(void)snprintf(j->at[which], LOG_STAMP, "%.*s", (int)(stamp_end - text),
			       text);
	if (end - tag > 2 && j->part[which].len < LINE_MAX_BYTES)
		buf_add(&j->part[which], tag + 2, (size_t)(end - tag - 2));
	if (tag[0] == 'P')
		return false;
	finish(line, j->at[which], j->part[which].data, j->part[which].len);
	buf_reset(&j->part[which]);
	return true;
}

/* conmon makes a file that grew too large anew, for root alone: davit-root mends that when
 * it looks at its containers. */
static int open_live(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err ignored;

	if (fd >= 0 || errno != EACCES || helper_one("list", NULL, NULL, &ignored) < 0)
		return fd;
	return open(path, O_RDONLY | O_CLOEXEC);
}

void log_file_open(struct log_file *f, const char *app, const char *name)
{
	*f = (struct log_file){ .path = paths_in(paths_log(), "%s/%s.log", app, name),
				.name = xstrdup(name),
				.joiner = LOG_JOINER_INIT };
	f->fd = open_live(f->path);
}

void log_file_close(struct log_file *f)
{
	log_joiner_release(&f->joiner);
	close_at(&f->fd);
	free(f->path);
	free(f->name);
}

/* Take whole lines of `text`; returns how many bytes they are. */
static size_t take_lines(struct log_file *f, const struct buf *text,
			 struct log_lines *lines)
{
	const char *at = text->data;
	const char *end = text->data + text->len;
	const char *nl;

	while ((nl = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		struct log_line line;

		if (log_join(&f->joiner, at, (size_t)(nl - at), &line)) {
			line.name = f->name;
			push(lines, &line);
		}
		at = nl + 1;
	}
	return (size_t)(at - text->data);
}

/* Bytes [from, to) of an open file. */
static int read_range(int fd, off_t from, off_t to, struct buf *out, struct err *err)
{
	AUTO_FREE char *chunk = xmalloc(CHUNK_FIRST);

	while (from < to) {
		size_t want = to - from < CHUNK_FIRST ? (size_t)(to - from) : CHUNK_FIRST;
		ssize_t n = pread(fd, chunk, want, from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read a log");
		if (n == 0)
			break;
		buf_add(out, chunk, (size_t)n);
		from += n;
	}
	return 0;
}

/* The lines of the last `chunk` bytes; f->at is where they end. */
static int tail_chunk(struct log_file *f, off_t size, off_t chunk,
		      struct log_lines *lines, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	off_t from = size > chunk ? size - chunk : 0;
	const char *nl;
	size_t skip = 0;

	if (read_range(f->fd, from, size, &text, err) < 0)
		return -1;
	if (from > 0) { /* begins in the middle of a line */
		nl = memchr(text.data, '\n', text.len);
		skip = nl ? (size_t)(nl - text.data) + 1 : text.len;
	}
	struct buf whole = { .data = text.data + skip, .len = text.len - skip };

	f->at = from + (off_t)skip + (off_t)take_lines(f, &whole, lines);
	return 0;
}

static int tail_current(struct log_file *f, size_t max, struct log_lines *lines,
			struct err *err)
{
	struct stat st;

	if (f->fd < 0)
		return 0;
	if (fstat(f->fd, &st) < 0)
		return err_sys(err, "%s", f->path);
	for (off_t chunk = CHUNK_FIRST;; chunk *= 4) {
		AUTO(log_lines_release) struct log_lines some = LOG_LINES_INIT;

		if (tail_chunk(f, st.st_size, chunk, &some, err) < 0)
			return -1;
		if (some.len <= max && chunk < st.st_size && chunk < CHUNK_MAX)
			continue;
		for (size_t i = some.len > max ? some.len - max : 0; i < some.len; i++) {
			push(lines, &some.v[i]);
			some.v[i].text = NULL;
		}
		return 0;
	}
}

int log_file_tail(struct log_file *f, size_t max, struct log_lines *lines,
		  struct err *err)
{
	size_t before = lines->len;
	size_t got;

	if (tail_current(f, max, lines, err) < 0)
		return -1;
	got = lines->len - before;
	for (int n = 1; got < max; n++) {
		struct log_file old = { .path = xasprintf("%s.%d", f->path, n),
					.name = f->name,
					.joiner = LOG_JOINER_INIT };
		int rc = 0;

		old.fd = open(old.path, O_RDONLY | O_CLOEXEC);
		if (old.fd >= 0)
			rc = tail_current(&old, max - got, lines, err);
		got = old.fd >= 0 ? lines->len - before : max;
		old.name = NULL; /* the lines name the current file */
		log_file_close(&old);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int read_on(struct log_file *f, struct log_lines *lines, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return err_sys(err, "%s", f->path);
	if (st.st_size < f->at)
		f->at = 0;
	if (read_range(f->fd, f->at, st.st_size, &text, err) < 0)
		return -1;
	f->at += (off_t)take_lines(f, &text, lines);
	return 0;
}

/* Has another file taken this one's place? */
static bool was_replaced(const struct log_file *f)
{
	struct stat open_one;
	struct stat named;

	return stat(f->path, &named) == 0 &&
	       (f->fd < 0 || fstat(f->fd, &open_one) < 0 ||
		open_one.st_ino != named.st_ino || open_one.st_dev != named.st_dev);
}

int log_file_more(struct log_file *f, struct log_lines *lines, struct err *err)
{
	if (f->fd >= 0 && read_on(f, lines, err) < 0)
		return -1;
	if (!was_replaced(f))
		return 0;
	/* What came between the last read and the rename is still in the old one. */
	if (f->fd >= 0 && read_on(f, lines, err) < 0)
		return -1;
	if (f->fd >= 0)
		close_now(&f->fd);
	f->at = 0;
	f->fd = open_live(f->path);
	return f->fd >= 0 ? read_on(f, lines, err) : 0;
}

struct keyed {
	struct log_line line;
	size_t order;
};

static int by_time(const void *a, const void *b)
{
	const struct keyed *l = a;
	const struct keyed *r = b;
	int rc = strcmp(l->line.at, r->line.at);

	if (rc == 0)
		rc = l->order < r->order ? -1 : 1;
	return rc;
}

void log_lines_merge(struct log_lines *lines, size_t max)
{
	struct keyed *all = xcalloc(lines->len + 1, sizeof *all);
	size_t drop = lines->len > max ? lines->len - max : 0;

	for (size_t i = 0; i < lines->len; i++)
		all[i] = (struct keyed){ .line = lines->v[i], .order = i };
	qsort(all, lines->len, sizeof *all, by_time);
	for (size_t i = 0; i < lines->len; i++) {
		if (i < drop)
			free(all[i].line.text);
		else
			lines->v[i - drop] = all[i].line;
	}
	lines->len -= drop;
	free(all);
}

/* Is "web.1" wanted by "web.1", or by "web"? */
static bool matches(const char *name, const char *filter)
{
	size_t n = strlen(filter);

	return strncmp(name, filter, n) == 0 &&
	       (!name[n] || (name[n] == '.' && !strchr(filter, '.')));
}

int log_names(const char *app, const char *filter, struct strv *names, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_log(), "%s", app);
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_sys(err, "%s", path);
	while ((e = readdir(dir)) != NULL) {
		size_t n = strlen(e->d_name);
		AUTO_FREE char *name = n > 4 ? xstrndup(e->d_name, n - 4) : NULL;

		if (name && strcmp(e->d_name + n - 4, ".log") == 0 && name_is_id(name) &&
		    (!filter || matches(name, filter)))
			strv_add(names, name);
	}
	strv_sort(names);
	return 0;
}
