/* SPDX-License-Identifier: MIT */
/*
 * Each push leaves a few loose objects, a block of the disk each.  A repository that has
 * some thousand of them is packed, one at a time, beside everything else.
 */
#include <dirent.h>
#include <stdlib.h>

#include "plugins/repo/repo.h"
#include "store/app.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

/* One directory of 256 tells how full the others are. */
enum { IN_ONE = 4 };

static bool is_loose(const char *repo)
{
	AUTO_FREE char *one = paths_in(repo, "objects/17");
	AUTO(closedir_at) DIR *dir = opendir(one);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	return n >= IN_ONE;
}

/* What nothing leads to stays for an hour: a push may be about to use it. */
static int pack(const char *repo, struct err *err)
{
	const char *const argv[] = {
		"/usr/bin/nice",      REPO_GIT, "-C", repo, "gc", "--quiet",
		"--prune=1.hour.ago", NULL
	};

	return proc_detach(argv, proc_plain_env, err);
}

int repo_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	(void)self;
	if (app_names(call->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		AUTO_FREE char *repo = paths_in(paths_root(), "git/%s.git", name);
		AUTO_FREE char *busy = paths_in(repo, "gc.pid");

		if (is_loose(repo))
			return fs_exists(busy) ? 0 : pack(repo, err);
	}
	return 0;
}
