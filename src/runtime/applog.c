/* SPDX-License-Identifier: MIT */
#include "runtime/applog.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

/* Two files of this size at most: some ten thousand lines. */
enum { FILE_MAX = 512 * 1024, TEXT_MAX = 900 };

char *applog_path(int64_t app_id)
{
	return paths_in(paths_root(), "store/applog/%" PRId64 ".log", app_id);
}

void applog_remove(int64_t app_id)
{
	AUTO_FREE char *path = applog_path(app_id);
	AUTO_FREE char *old = xasprintf("%s.1", path);

	(void)unlink(path);
	(void)unlink(old);
}

static int open_file(const char *path)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/applog");
	AUTO_FREE char *old = xasprintf("%s.1", path);
	struct err ignored;
	struct stat st;

	if (fs_mkdirs(dir, 0700, &ignored) < 0)
		return -1;
	if (stat(path, &st) == 0 && st.st_size > FILE_MAX)
		(void)rename(path, old);
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void applog_add(const struct applog *to, const char *fmt, ...)
{
	AUTO_FREE char *path = applog_path(to->app_id);
	AUTO(buf_release) struct buf line = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	char text[TEXT_MAX];
	char stamp[LOG_STAMP];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	log_stamp_now(stamp);
	buf_addf(&line, "%s stdout F %s %d %s %s\n", stamp, to->process, to->release,
		 log_level_name(to->level), text);
	fd = open_file(path);
	if (fd >= 0)
		(void)fs_write_all(fd, line.data, line.len);
}

/* The word that begins at *at; NULL when no space follows it. */
static char *next_word(char **at)
{
	char *word = *at;
	char *blank = strchr(word, ' ');

	if (!blank)
		return NULL;
	*blank = '\0';
	*at = blank + 1;
	return word;
}

bool applog_read(struct log_line *line)
{
	AUTO_FREE char *copy = xstrdup(line->text);
	char *at = copy;
	const char *process = next_word(&at);
	const char *release = process ? next_word(&at) : NULL;
	const char *level = release ? next_word(&at) : NULL;
	long number;

	if (!level || !name_to_int(release, 0, INT_MAX, &number) || !log_level_of(level))
		return false;
	(void)snprintf(line->name, sizeof line->name, "%s", process);
	line->release = (int)number;
	line->level = log_level_of(level);
	memmove(line->text, line->text + (at - copy), strlen(at) + 1);
	return true;
}
