/* SPDX-License-Identifier: MIT */
/*
 * data/ and config/ belong to davit, and hooks work there as root: mkdir, chown, files.  A
 * davit that somebody took over could have put a symlink where a hook expects its
 * directory.  While a hook runs both belong to root, and the plugin's own directory in each
 * is looked at, or made, before.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/plugin/trees.h"
#include "util/cleanup.h"
#include "util/paths.h"

static const char *const names[] = { "data", "config" };

void guard_release(struct guard *g)
{
	for (size_t i = 0; i < GUARDED; i++) {
		if (!g->held[i])
			continue;
		/* Made for the hook, and not used by it. */
		if (g->made[i])
			(void)unlinkat(g->fd[i], g->plugin, AT_REMOVEDIR);
		if (fchown(g->fd[i], g->uid[i], g->gid[i]) < 0)
			errno = 0; /* davit doctor says so */
		(void)close(g->fd[i]);
		g->held[i] = false;
	}
}

/* The plugin's directory is one, and davit's; its inside is the hook's own matter. */
static int look_at(struct guard *g, size_t i, const char *plugin, struct err *err)
{
	struct stat st;

	if (fstatat(g->fd[i], plugin, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		(void)err_set(err, ERR_REFUSED,
			      "%s/%s is no directory: no hook of %s is run as root there",
			      names[i], plugin, plugin);
		return err_hint(err, "look at it, and remove it: ls -l %s/%s/%s",
				paths_root(), names[i], plugin);
	}
	g->made[i] = errno == ENOENT && mkdirat(g->fd[i], plugin, 0755) == 0;
	if (!g->made[i] ||
	    fchownat(g->fd[i], plugin, g->uid[i], g->gid[i], AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "make %s/%s", names[i], plugin);
	return 0;
}

int guard_take(struct guard *g, const char *plugin, struct err *err)
{
	*g = (struct guard){ .plugin = plugin };
	if (geteuid() != 0)
		return 0;
	for (size_t i = 0; i < GUARDED; i++) {
		AUTO_FREE char *path = paths_in(paths_root(), "%s", names[i]);
		struct stat st;

		g->fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (g->fd[i] < 0 && errno == ENOENT)
			continue;
		if (g->fd[i] < 0 || fstat(g->fd[i], &st) < 0)
			return err_sys(err, "open %s", path);
		g->uid[i] = st.st_uid;
		g->gid[i] = st.st_gid;
		g->held[i] = true;
		if (fchown(g->fd[i], 0, 0) < 0)
			return err_sys(err, "own %s", path);
		if (look_at(g, i, plugin, err) < 0)
			return -1;
	}
	return 0;
}
