/* SPDX-License-Identifier: MIT */
#include "runtime/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/applog.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

/* How much of a file is read at first, and at most, to find its last lines. */
enum { CHUNK_FIRST = 64 * 1024, CHUNK_MAX = 256 * 1024 * 1024 };

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

void log_name_split(const char *name, char label[LOG_NAME], int *release)
{
	const char *last = strrchr(name, '.');
	size_t n = strlen(name);
	long number;

	*release = 0;
	if (last && memchr(name, '.', (size_t)(last - name)) && last[1] == 'v' &&
	    name_to_int(last + 2, 1, INT_MAX, &number)) {
		*release = (int)number;
		n = (size_t)(last - name);
	}
	(void)snprintf(label, LOG_NAME, "%.*s", (int)n, name);
}

static void open_path(struct log_file *f, char *path, const char *name)
{
	*f = (struct log_file){ .path = path,
				.name = xstrdup(name),
				.joiner = LOG_JOINER_INIT };
	log_name_split(name, f->label, &f->release);
	f->fd = open_live(f->path);
}

void log_file_open(struct log_file *f, const char *app, const char *name)
{
	open_path(f, paths_in(paths_log(), "%s/%s.log", app, name), name);
}

void log_file_open_own(struct log_file *f, int64_t app_id)
{
	open_path(f, applog_path(app_id), "");
	f->own = true;
}

void log_file_close(struct log_file *f)
{
	log_joiner_release(&f->joiner);
	close_at(&f->fd);
	free(f->path);
	free(f->name);
}

bool log_name_matches(const char *label, const char *process)
{
	size_t n = strlen(process);

	return strncmp(label, process, n) == 0 &&
	       (!label[n] || (label[n] == '.' && !strchr(process, '.')));
}

static bool is_wanted(const struct log_want *w, const struct log_line *line)
{
	return !w ||
	       ((!w->process || log_name_matches(line->name, w->process)) &&
		(!w->release || line->release == w->release) && line->level >= w->level &&
		(!w->since || log_stamp_seconds(line->at) >= w->since));
}

/* Whose line it is, and of which level. */
static void attribute(struct log_file *f, struct log_line *line)
{
	if (f->own) {
		line->own = applog_read(line);
		return;
	}
	(void)snprintf(line->name, sizeof line->name, "%s", f->label);
	line->release = f->release;
	line->level = log_level_said(line->text);
	if (!line->level && (line->text[0] == ' ' || line->text[0] == '\t'))
		line->level = f->last[line->from_stderr];
	if (!line->level)
		line->level = line->from_stderr ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
	f->last[line->from_stderr] = line->level;
}

/* Take whole lines of `text`; returns how many bytes they are. */
static size_t take_lines(struct log_file *f, const struct buf *text,
			 struct log_lines *lines)
{
	const char *at = text->data;
	const char *end = text->data + text->len;
	const char *nl;

	for (; (nl = memchr(at, '\n', (size_t)(end - at))) != NULL; at = nl + 1) {
		struct log_line line;

		if (!*at) /* the rest of a line whose beginning was cut off */
			continue;
		if (!log_join(&f->joiner, at, (size_t)(nl - at), &line))
			continue;
		attribute(f, &line);
		if (is_wanted(f->want, &line))
			log_lines_add(lines, &line);
		else
			free(line.text);
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

static bool is_older(const struct log_file *f, const char *text)
{
	return f->want && f->want->since && log_stamp_seconds(text) >= 0 &&
	       log_stamp_seconds(text) < f->want->since;
}

/*
 * The lines of the bytes from `from` on; f->at is where they end.  *enough: what stands
 * before them is too old to be wanted.
 */
static int take_from(struct log_file *f, off_t from, off_t size, struct log_lines *lines,
		     bool *enough, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *nl;
	size_t skip = 0;

	log_joiner_release(&f->joiner);
	f->joiner = (struct log_joiner)LOG_JOINER_INIT;
	if (read_range(f->fd, from, size, &text, err) < 0)
		return -1;
	if (from > 0) { /* begins in the middle of a line */
		nl = memchr(text.data, '\n', text.len);
		skip = nl ? (size_t)(nl - text.data) + 1 : text.len;
	}
	struct buf whole = { .data = text.data + skip, .len = text.len - skip };

	*enough = is_older(f, whole.data);
	f->at = from + (off_t)skip + (off_t)take_lines(f, &whole, lines);
	return 0;
}

static void keep_last(struct log_lines *some, size_t max, struct log_lines *lines)
{
	for (size_t i = some->len > max ? some->len - max : 0; i < some->len; i++) {
		log_lines_add(lines, &some->v[i]);
		some->v[i].text = NULL;
	}
}

static int tail_current(struct log_file *f, size_t max, struct log_lines *lines,
			struct err *err)
{
	struct stat st;
	off_t begin;

	if (f->fd < 0)
		return 0;
	if (fstat(f->fd, &st) < 0)
		return err_sys(err, "%s", f->path);
	f->at = st.st_size;
	begin = lseek(f->fd, 0, SEEK_DATA);
	if (begin < 0)
		begin = 0;
	for (off_t chunk = CHUNK_FIRST;; chunk *= 4) {
		AUTO(log_lines_release) struct log_lines some = LOG_LINES_INIT;
		off_t from = st.st_size - begin > chunk ? st.st_size - chunk : begin;
		bool enough = false;

		if (take_from(f, from, st.st_size, &some, &enough, err) < 0)
			return -1;
		if (some.len <= max && !enough && from > begin && chunk < CHUNK_MAX)
			continue;
		keep_last(&some, max, lines);
		return 0;
	}
}

/* Is this still the file that `f` has open? */
static bool is_same(int fd, int other)
{
	struct stat a;
	struct stat b;

	return fd >= 0 && other >= 0 && fstat(fd, &a) == 0 && fstat(other, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* NAME.log.N; 1 when there is none. */
static int tail_old(const struct log_file *f, int n, size_t max, struct log_lines *lines,
		    struct err *err)
{
	struct log_file old = { .path = xasprintf("%s.%d", f->path, n),
				.release = f->release,
				.own = f->own,
				.want = f->want,
				.joiner = LOG_JOINER_INIT };
	int rc = 1;

	memcpy(old.label, f->label, sizeof old.label);
	old.fd = open_live(old.path);
	if (old.fd >= 0)
		rc = is_same(old.fd, f->fd) ? 0 : tail_current(&old, max, lines, err);
	log_file_close(&old);
	return rc;
}

int log_file_tail(struct log_file *f, size_t max, struct log_lines *lines,
		  struct err *err)
{
	size_t before = lines->len;

	if (tail_current(f, max, lines, err) < 0)
		return -1;
	for (int n = 0; lines->len - before < max; n++) {
		int rc = tail_old(f, n, max - (lines->len - before), lines, err);

		if (rc < 0)
			return -1;
		if (rc == 1 && n > 0) /* not every log has a .0 */
			break;
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

/* "web.1.v12" of "web.1.v12.log", and of its older files where the current one is gone. */
static char *stem(const char *file)
{
	const char *end = strstr(file, ".log");
	AUTO_FREE char *name = end ? xstrndup(file, (size_t)(end - file)) : NULL;
	long n;

	if (!name || !name_is_id(name) ||
	    (end[4] && (end[4] != '.' || !name_to_int(end + 5, 0, INT_MAX, &n))))
		return NULL;
	return take_str(&name);
}

int log_names(const char *app, const char *process, struct strv *names, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_log(), "%s", app);
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_sys(err, "%s", path);
	while ((e = readdir(dir)) != NULL) {
		AUTO_FREE char *name = stem(e->d_name);
		char label[LOG_NAME];
		int release;

		if (!name || strv_find(names, name) >= 0)
			continue;
		log_name_split(name, label, &release);
		if (!process || log_name_matches(label, process))
			strv_add(names, name);
	}
	strv_sort(names);
	return 0;
}
