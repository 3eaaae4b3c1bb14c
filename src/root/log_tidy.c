/* SPDX-License-Identifier: MIT */
/* Verb log-tidy: what an app may keep of its logs. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/container.h"
#include "root/logs.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

enum { FILES_MAX = 100000, BLOCK = 4096 };
#define BYTES_MAX ((long)1 << 50)

struct segment {
	char *name;
	struct timespec written;
	int64_t bytes; /* on the disk */
	off_t size;
	bool in_use;
};

struct segments {
	struct segment *v;
	size_t len;
};

static void segments_release(struct segments *s)
{
	for (size_t i = 0; i < s->len; i++)
		free(s->v[i].name);
	free(s->v);
}

/* Paths that living conmons write to. */
static void logs_in_use(struct strv *paths)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	struct err ignored;

	container_list(&ids);
	strv_foreach(id, &ids) {
		json_t *state = NULL;
		const char *log;

		if (container_load(id, &state, &ignored) != 0)
			continue;
		log = json_string_value(json_object_get(state, "log"));
		if (log && container_alive(state, "conmon"))
			strv_add(paths, log);
		json_decref(state);
	}
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name);
	size_t m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static int list(int dir, const char *app, const struct strv *used, struct segments *s,
		struct err *err)
{
	AUTO_FREE char *top = xasprintf(DAVIT_LOG_DIR "/%s", app);
	AUTO(closedir_at) DIR *d = opendir(top);
	struct dirent *e;

	if (!d)
		return err_sys(err, "read %s", top);
	while ((e = readdir(d)) != NULL) {
		AUTO_FREE char *path = xasprintf(DAVIT_LOG_DIR "/%s/%s", app, e->d_name);
		struct stat st;

		if (!strstr(e->d_name, ".log") || ends_in(e->d_name, ".log.0") ||
		    fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		s->v = xrealloc(s->v, s->len + 1, sizeof *s->v);
		s->v[s->len++] = (struct segment){ .name = xstrdup(e->d_name),
						   .written = st.st_mtim,
						   .bytes = (int64_t)st.st_blocks * 512,
						   .size = st.st_size,
						   .in_use = strv_find(used, path) >= 0 };
	}
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct timespec *l = &((const struct segment *)a)->written;
	const struct timespec *r = &((const struct segment *)b)->written;

	if (l->tv_sec != r->tv_sec)
		return l->tv_sec < r->tv_sec ? 1 : -1;
	return (l->tv_nsec < r->tv_nsec) - (l->tv_nsec > r->tv_nsec);
}

/* Its second name goes with it. */
static void remove_one(int dir, const struct segment *one)
{
	AUTO_FREE char *second = xasprintf("%s.0", one->name);

	(void)unlinkat(dir, one->name, 0);
	if (ends_in(one->name, ".log"))
		(void)unlinkat(dir, second, 0);
}

/* Keep the last `keep` bytes.  The head becomes a hole, under the writer's hands. */
static void cut_head(int dir, const struct segment *one, int64_t keep)
{
	AUTO_CLOSE int fd = openat(dir, one->name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t head = one->size > keep ? (one->size - keep) / BLOCK * BLOCK : 0;

	if (fd >= 0 && head > 0 &&
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, head) == 0)
		return;
	if (!one->in_use && head > 0)
		remove_one(dir, one);
}

static void keep_newest(int dir, struct segments *s, int64_t max, long files)
{
	int64_t room = max ? max : INT64_MAX;

	if (s->len)
		qsort(s->v, s->len, sizeof *s->v, newest_first);
	for (size_t i = 0; i < s->len; i++) {
		struct segment *one = &s->v[i];
		bool over = room <= 0 || (long)i >= files;

		if (!one->in_use && (over || one->size == 0))
			remove_one(dir, one);
		else if (one->bytes > room)
			cut_head(dir, one, room > 0 ? room : 0);
		room -= one->bytes;
	}
}

static int rotate_large(int dir, const char *app, const struct segments *s, off_t rotate,
			struct err *err)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct segment *one = &s->v[i];
		AUTO_FREE char *log = NULL;
		int rc;

		if (!ends_in(one->name, ".log"))
			continue;
		log = xstrndup(one->name, strlen(one->name) - 4);
		rc = one->in_use && one->size > rotate
			     ? logs_rotate(dir, app, log, FILES_MAX, err)
			     : logs_guard(dir, log, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int verb_log_tidy(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(segments_release) struct segments before = { .v = NULL };
	AUTO(segments_release) struct segments after = { .v = NULL };
	AUTO(strv_release) struct strv used = STRV_INIT;
	AUTO_CLOSE int dir = -1;
	const char *app = NULL;
	long max = 0;
	long rotate = 0;
	long files = 0;
	json_int_t bytes = 0;

	if (request_app(op, "app", &app, err) < 0 ||
	    request_int(op, "max", (struct request_range){ 0, BYTES_MAX, 0 }, &max, err) <
		    0 ||
	    request_int(op, "rotate", (struct request_range){ 4096, BYTES_MAX, 0 },
			&rotate, err) < 0 ||
	    request_int(op, "files", (struct request_range){ 1, FILES_MAX, 0 }, &files,
			err) < 0 ||
	    logs_open_dir(app, &dir, err) < 0)
		return -1;
	logs_in_use(&used);
	if (list(dir, app, &used, &before, err) < 0 ||
	    rotate_large(dir, app, &before, rotate, err) < 0 ||
	    list(dir, app, &used, &after, err) < 0)
		return -1;
	keep_newest(dir, &after, max, files);
	for (size_t i = 0; i < after.len; i++)
		bytes += after.v[i].bytes;
	(void)json_object_set_new(reply, "bytes", json_integer(bytes));
	return 0;
}
