/* SPDX-License-Identifier: MIT */
/*
 * Each minute: a log that has grown begins a new file, and what an app has beyond its
 * max-size goes, the oldest first.  Most apps need neither, which a look at the directory
 * tells without davit-root.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/logs/logs.h"
#include "runtime/helper.h"
#include "runtime/limits.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

#define ROTATE_MIN (64LL << 10)
#define ROTATE_MAX (32LL << 20)
enum { FILES_MAX = 300 };

struct need {
	int64_t max; /* bytes of all; 0: no bound */
	int64_t rotate;
	int64_t bytes;
	int files;
	bool grown;
};

static int bounds(struct store *st, const struct app *app, struct need *n,
		  struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(st, PROPERTY(app->id, "logs", "max-size"), LOGS_MAX_SIZE, &text,
			 err) < 0)
		return -1;
	*n = (struct need){ .rotate = ROTATE_MAX };
	n->max = strcmp(text, "unlimited") == 0 ? 0 : limits_parse_size(text);
	if (n->max < 0)
		n->max = limits_parse_size(LOGS_MAX_SIZE);
	if (n->max && n->max / 4 < ROTATE_MAX)
		n->rotate = n->max / 4 > ROTATE_MIN ? n->max / 4 : ROTATE_MIN;
	return 0;
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name);
	size_t m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

/* NAME.log.0 is another name of NAME.log, until conmon begins a new file. */
static bool was_replaced(int dir, const char *kept)
{
	AUTO_FREE char *current = xstrndup(kept, strlen(kept) - 2);
	struct stat a;
	struct stat b;

	return fstatat(dir, kept, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (fstatat(dir, current, &b, AT_SYMLINK_NOFOLLOW) < 0 ||
		a.st_ino != b.st_ino);
}

static void look(const char *path, struct need *n)
{
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		struct stat st;

		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (ends_in(e->d_name, ".log.0")) {
			n->grown |= was_replaced(dirfd(dir), e->d_name);
			continue;
		}
		n->files++;
		n->bytes += (int64_t)st.st_blocks * 512;
		n->grown |= ends_in(e->d_name, ".log") && st.st_size > n->rotate;
	}
}

static int tidy(struct trigger_call *call, const char *name, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_log(), "%s", name);
	struct app app;
	struct need n;

	if (app_find(call->st, name, &app, err) != 0 ||
	    bounds(call->st, &app, &n, err) < 0)
		return -1;
	look(path, &n);
	if (!n.grown && n.files <= FILES_MAX && (!n.max || n.bytes <= n.max))
		return 0;
	return helper_one("log-tidy",
			  json_pack("{s:s, s:I, s:I, s:i}", "app", name, "max",
				    (json_int_t)n.max, "rotate", (json_int_t)n.rotate,
				    "files", FILES_MAX),
			  NULL, err);
}

int logs_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	(void)self;
	if (app_names(call->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (tidy(call, name, err) < 0)
			out_warn(call->to, "logs of %s: %s", name, err->text);
	return 0;
}
