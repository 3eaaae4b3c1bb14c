/* SPDX-License-Identifier: MIT */
#include "root/range.h"

#include <stdio.h>
#include <string.h>

#include "root/dirs.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

#define RANGES DAVIT_ROOT_DIR "/ranges"
/* Above what useradd, directory services and systemd-nspawn hand out. */
#define FIRST_BASE 0x70000000L
#define LAST_BASE  0x7ffe0000L
#define FILE_MAX   (16u << 20)

/* The two numbers of a line "FIRST COUNT". */
static bool pair(const char *line, long *first, long *count)
{
	AUTO(strv_release) struct strv w = STRV_INIT;

	strv_split(&w, line, " ");
	return w.len == 2 && name_to_int(w.v[0], 0, 0xffffffffL, first) &&
	       name_to_int(w.v[1], 0, 0xffffffffL, count);
}

static bool overlaps(long base, const struct strv *taken)
{
	long first;
	long count;

	strv_foreach(line, taken) {
		if (pair(line, &first, &count) && first < base + RANGE_SIZE &&
		    base < first + count)
			return true;
	}
	return false;
}

/* The base on a line "APP BASE", or 0. */
static long base_of(const char *line)
{
	const char *space = strchr(line, ' ');
	long base;

	return space && name_to_int(space + 1, FIRST_BASE, LAST_BASE, &base) ? base : 0;
}

static unsigned choose_from(long from, const struct strv *lines, const struct strv *taken)
{
	for (long base = from; base <= LAST_BASE; base += RANGE_SIZE) {
		bool used = overlaps(base, taken);

		strv_foreach(line, lines) {
			used = used || base_of(line) == base;
		}
		if (!used)
			return (unsigned)base;
	}
	return 0;
}

unsigned range_choose(const struct strv *lines, const struct strv *taken)
{
	long next = FIRST_BASE;
	unsigned got = 0;

	/* After the highest first, so that ids of a removed app are not soon another's. */
	strv_foreach(line, lines) {
		if (base_of(line) >= next)
			next = base_of(line) + RANGE_SIZE;
	}
	got = choose_from(next, lines, taken);
	return got ? got : choose_from(FIRST_BASE, lines, taken);
}

static int read_lines(const char *path, struct strv *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (fs_read(path, FILE_MAX, &text, err) < 0)
		return -1;
	strv_split(out, text.data, "\n");
	return 0;
}

/* Ids of a passwd-like file: one line "name:x:ID:…" is the pair "ID 1"; of a subuid-like
 * file "name:FIRST:COUNT". */
static int add_taken(const char *path, bool sub, struct strv *taken, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (read_lines(path, &lines, err) < 0)
		return -1;
	strv_foreach(line, &lines) {
		AUTO(strv_release) struct strv w = STRV_INIT;

		strv_split(&w, line, ":");
		if (w.len < 3)
			continue;
		if (sub)
			strv_addf(taken, "%s %s", w.v[1], w.v[2]);
		else
			strv_addf(taken, "%s 1", w.v[2]);
	}
	return 0;
}

static int read_taken(struct strv *taken, struct err *err)
{
	if (add_taken("/etc/passwd", false, taken, err) < 0 ||
	    add_taken("/etc/group", false, taken, err) < 0 ||
	    add_taken("/etc/subuid", true, taken, err) < 0 ||
	    add_taken("/etc/subgid", true, taken, err) < 0)
		return -1;
	return 0;
}

static long find(const struct strv *lines, const char *app, size_t *at)
{
	size_t n = strlen(app);

	for (size_t i = 0; i < lines->len; i++)
		if (strncmp(lines->v[i], app, n) == 0 && lines->v[i][n] == ' ') {
			if (at)
				*at = i;
			return base_of(lines->v[i]);
		}
	return 0;
}

static int write_lines(const struct strv *lines, struct err *err)
{
	AUTO_FREE char *text = strv_join(lines, "\n");
	AUTO_FREE char *all = xasprintf("%s%s", text, lines->len ? "\n" : "");

	return fs_write_atomic(RANGES, all, strlen(all), 0644, err);
}

bool range_known(const char *app)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;

	return read_lines(RANGES, &lines, &ignored) == 0 && find(&lines, app, NULL);
}

int range_get(const char *app, unsigned *base, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO(strv_release) struct strv taken = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	unsigned got = 0;

	if (read_lines(RANGES, &lines, err) < 0)
		return -1;
	got = (unsigned)find(&lines, app, NULL);
	if (!got) {
		strv_release(&lines);
		if (dirs_lock("ranges", &lock, err) < 0 ||
		    read_lines(RANGES, &lines, err) < 0 || read_taken(&taken, err) < 0)
			return -1;
		got = (unsigned)find(&lines, app, NULL);
		if (!got) {
			got = range_choose(&lines, &taken);
			if (!got)
				return err_set(err, ERR_HOST, "no user ids are left");
			strv_addf(&lines, "%s %u", app, got);
			if (write_lines(&lines, err) < 0)
				return -1;
		}
	}
	*base = got;
	return 0;
}

int range_forget(const char *app, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	size_t at;

	if (dirs_lock("ranges", &lock, err) < 0 || read_lines(RANGES, &lines, err) < 0)
		return -1;
	if (!find(&lines, app, &at))
		return 0;
	strv_remove(&lines, at);
	return write_lines(&lines, err);
}

int range_rename(const char *from, const char *to, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_CLOSE int lock = -1;
	size_t at;
	long base;

	if (dirs_lock("ranges", &lock, err) < 0 || read_lines(RANGES, &lines, err) < 0)
		return -1;
	base = find(&lines, from, &at);
	if (!base)
		return 0;
	if (find(&lines, to, NULL))
		return err_set(err, ERR_REFUSED, "%s already has user ids here", to);
	strv_remove(&lines, at);
	strv_addf(&lines, "%s %ld", to, base);
	return write_lines(&lines, err);
}

int verb_range(const json_t *op, json_t *reply, struct err *err)
{
	const char *app = NULL;
	unsigned base = 0;

	if (request_app(op, "app", &app, err) < 0 || range_get(app, &base, err) < 0)
		return -1;
	(void)json_object_set_new(reply, "base", json_integer(base));
	return 0;
}
