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

/* The end of one file of a log. */
struct piece {
	int fd;
	off_t from;
	off_t size;
};

/*
 * Its lines; f->at is where they end, and the first part of a line that is cut there waits in
 * f->joiner.  *enough: what stands before them is too old to be wanted.
 */
static int take_piece(struct log_file *f, const struct piece *p, struct log_lines *lines,
		      bool *enough, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *nl;
	size_t skip = 0;

	if (read_range(p->fd, p->from, p->size, &text, err) < 0)
		return -1;
	if (p->from > 0) { /* begins in the middle of a line */
		nl = memchr(text.data, '\n', text.len);
		skip = nl ? (size_t)(nl - text.data) + 1 : text.len;
	}
	struct buf whole = { .data = text.data + skip, .len = text.len - skip };

	*enough = is_older(f, whole.data);
	f->at = p->from + (off_t)skip + (off_t)take_lines(f, &whole, lines);
	return 0;
}

static void begin_anew(struct log_file *f)
{
	log_joiner_release(&f->joiner);
	f->joiner = (struct log_joiner)LOG_JOINER_INIT;
}

static void keep_last(struct log_lines *some, size_t max, struct log_lines *lines)
{
	for (size_t i = some->len > max ? some->len - max : 0; i < some->len; i++) {
		log_lines_add(lines, &some->v[i]);
		some->v[i].text = NULL;
	}
}

struct pieces {
	struct piece *v; /* the newest first; v[0] is the log's own, not to be closed */
	size_t len;
};

static void pieces_release(struct pieces *p)
{
	for (size_t i = 1; i < p->len; i++)
		close_now(&p->v[i].fd);
	free(p->v);
}

/* The lines of its end that has more than `max`, or of all of it. */
static int take_end(struct log_file *f, struct piece *p, size_t max,
		    struct log_lines *lines, bool *enough, struct err *err)
{
	struct stat st;
	off_t begin;

	if (fstat(p->fd, &st) < 0)
		return err_sys(err, "%s", f->path);
	p->size = st.st_size;
	begin = lseek(p->fd, 0, SEEK_DATA);
	if (begin < 0)
		begin = 0;
	for (off_t chunk = CHUNK_FIRST;; chunk *= 4) {
		AUTO(log_lines_release) struct log_lines some = LOG_LINES_INIT;

		p->from = st.st_size - begin > chunk ? st.st_size - chunk : begin;
		begin_anew(f);
		if (take_piece(f, p, &some, enough, err) < 0)
			return -1;
		if (some.len <= max && !*enough && p->from > begin && chunk < CHUNK_MAX)
			continue;
		keep_last(&some, some.len, lines);
		return 0;
	}
}

/* Is this still the file that `other` has open? */
static bool is_same(int fd, int other)
{
	struct stat a;
	struct stat b;

	return fd >= 0 && other >= 0 && fstat(fd, &a) == 0 && fstat(other, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* NAME.log.N behind those that are there; false when there is none.  One that was there, and
 * has got the next number meanwhile, is not taken twice. */
static bool add_older(const struct log_file *f, int n, struct pieces *p)
{
	AUTO_FREE char *path = xasprintf("%s.%d", f->path, n);
	AUTO_CLOSE int fd = open_live(path);

	if (fd < 0)
		return false;
	if (is_same(fd, f->fd) || (p->len && is_same(fd, p->v[p->len - 1].fd)))
		return true;
	p->v = xrealloc(p->v, p->len + 1, sizeof *p->v);
	p->v[p->len++] = (struct piece){ .fd = take_fd(&fd) };
	return true;
}

/* As many files as have `max` lines; those of the newest. */
static int find_pieces(struct log_file *f, size_t max, struct pieces *p,
		       struct log_lines *newest, struct err *err)
{
	bool enough = false;
	size_t found;

	p->v = xrealloc(NULL, 1, sizeof *p->v);
	p->v[p->len++] = (struct piece){ .fd = f->fd };
	if (f->fd >= 0 && take_end(f, &p->v[0], max, newest, &enough, err) < 0)
		return -1;
	found = newest->len;
	/* One more than asked for: the first may be the end of one that began before. */
	for (int n = 0; found <= max && !enough; n++) {
		AUTO(log_lines_release) struct log_lines some = LOG_LINES_INIT;
		size_t before = p->len;

		if (!add_older(f, n, p) && n > 0) /* not every log has a .0 */
			break;
		if (p->len > before &&
		    take_end(f, &p->v[before], max - found, &some, &enough, err) < 0)
			return -1;
		found += some.len;
	}
	return 0;
}

/* From the oldest on, for a line may begin in one file and end in the next. */
static int take_pieces(struct log_file *f, const struct pieces *p,
		       struct log_lines *lines, struct err *err)
{
	bool ignored;

	begin_anew(f);
	for (size_t i = p->len; i-- > 0;)
		if (p->v[i].fd >= 0 && take_piece(f, &p->v[i], lines, &ignored, err) < 0)
			return -1;
	return 0;
}

int log_file_tail(struct log_file *f, size_t max, struct log_lines *lines,
		  struct err *err)
{
	AUTO(pieces_release) struct pieces p = { .v = NULL };
	AUTO(log_lines_release) struct log_lines newest = LOG_LINES_INIT;
	AUTO(log_lines_release) struct log_lines all = LOG_LINES_INIT;

	if (find_pieces(f, max, &p, &newest, err) < 0)
		return -1;
	if (p.len > 1 && take_pieces(f, &p, &all, err) < 0)
		return -1;
	keep_last(p.len > 1 ? &all : &newest, max, lines);
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
