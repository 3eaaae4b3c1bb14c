/* SPDX-License-Identifier: MIT */
/* Where an installed plugin came from. */
#include <string.h>
#include <unistd.h>

#include "plugins/plugin/stage.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static char *source_path(const char *name)
{
	return paths_in(paths_root(), "plugins/.sources/%s", name);
}

char *stage_source(const char *name)
{
	AUTO_FREE char *path = source_path(name);
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;

	if (fs_read(path, 8192, &text, &ignored) != 0)
		return NULL;
	buf_chomp(&text);
	return buf_take(&text);
}

int stage_set_source(const char *name, const char *url, struct err *err)
{
	AUTO_FREE char *path = source_path(name);
	AUTO_FREE char *dir = source_path("");

	/* An address may hold a password. */
	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	return fs_write_atomic(path, url, strlen(url), 0600, err);
}

void stage_forget_source(const char *name)
{
	AUTO_FREE char *path = source_path(name);

	(void)unlink(path);
}
