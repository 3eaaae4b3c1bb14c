/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { MOUNTS_MAX = 64 << 20 };

/* "<dir>/ID/…" → a new string with ID, or NULL. */
static char *owner_of(const char *mount, const char *dir)
{
	size_t n = strlen(dir);

	if (strncmp(mount, dir, n) != 0 || mount[n] != '/')
		return NULL;
	return xstrndup(mount + n + 1, strcspn(mount + n + 1, "/"));
}

static void check_one(struct doctor *d, const char *mount, const char *containers,
		      const char *bench)
{
	AUTO_FREE char *id = owner_of(mount, containers);
	AUTO_FREE char *cure = xasprintf("umount -l %s", mount);

	if (id && !doctor_container(d, id))
		doctor_found(d, FAULT, cure, "%s is mounted, and its container is gone",
			     mount);
	/* What is tried out there is tried in a mount namespace of its own. */
	if (strcmp(mount, bench) == 0)
		doctor_found(d, FAULT, cure, "%s is mounted, and nobody works there",
			     mount);
}

void doctor_check_mounts(struct doctor *d)
{
	AUTO_FREE char *containers = paths_in(paths_run(), "c");
	AUTO_FREE char *bench = paths_in(paths_run(), "build");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_CLOSE int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	struct err err;

	if (fd < 0 || fs_read_fd(fd, MOUNTS_MAX, &text, &err) < 0)
		return;
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines) {
		AUTO(strv_release) struct strv w = STRV_INIT;

		strv_split(&w, line, " ");
		if (w.len > 4)
			check_one(d, w.v[4], containers, bench);
	}
}
