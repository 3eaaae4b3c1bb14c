/* SPDX-License-Identifier: MIT */
#include "runtime/change.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

static char *marks(void)
{
	return paths_in(paths_root(), "store/changes");
}

char *change_begin(int64_t app_id)
{
	AUTO_FREE char *dir = marks();
	AUTO_FREE char *text = xasprintf("%llu\n", proc_start_time(getpid()));
	char *path = paths_in(dir, "%lld.%d", (long long)app_id, (int)getpid());
	AUTO_CLOSE int fd = -1;
	struct err ignored;

	if (fs_mkdirs(dir, 0700, &ignored) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && fs_write_all(fd, text, strlen(text)) == 0)
		return path;
	if (fd >= 0)
		(void)unlink(path);
	free(path);
	return NULL;
}

void change_end(const char *mark)
{
	if (mark)
		(void)unlink(mark);
}

/* A mark that is empty was being written when its process died. */
static bool is_dead(const char *path, const char *name)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *dot = strchr(name, '.');
	struct err ignored;
	pid_t pid = (pid_t)strtol(dot + 1, NULL, 10);

	if (fs_read(path, 64, &text, &ignored) != 0)
		return false;
	return text.len ? !proc_lives(pid, strtoull(text.data, NULL, 10))
			: proc_start_time(pid) == 0;
}

int change_each_dead(change_fn *mend, void *ctx, struct err *err)
{
	AUTO_FREE char *dir = marks();
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;
	int rc = 0;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = paths_in(dir, "%s", e->d_name);

		if (e->d_name[0] == '.' || !strchr(e->d_name, '.') ||
		    !is_dead(path, e->d_name))
			continue;
		switch (mend(ctx, strtoll(e->d_name, NULL, 10), err)) {
		case 0: (void)unlink(path); break;
		case CHANGE_LEFT: break;
		default: rc = -1;
		}
	}
	return rc;
}
