/* SPDX-License-Identifier: MIT */
#include "runtime/sweep.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/registry.h"
#include "store/deploy.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"

enum { NAMELESS_S = 3600 };

/* "12", "12.push.next" are those of app 12; "slot.0" is the host's. */
int sweep_gone_locks(struct store *st, struct strv *paths, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/locks");
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		int64_t id = strtoll(e->d_name, NULL, 10);
		struct app app;
		int rc = id > 0 ? app_find_id(st, id, &app, err) : 0;

		if (rc < 0)
			return -1;
		if (rc == STORE_NO_ROW)
			strv_take(paths, paths_in(path, "%s", e->d_name));
	}
	return 0;
}

void sweep_new_files(const char *app)
{
	const char *root = getenv("DOKKU_ROOT");
	AUTO_FREE char *locks = paths_in(paths_root(), "store/locks");
	AUTO_FREE char *config = paths_in(paths_root(), "config/%s",
					  app ? app : "--global");
	AUTO_FREE char *home = paths_in(root ? root : "/home/davit", "%s",
					app ? app : ".");
	AUTO_FREE char *login = registry_dir(root ? root : "/home/davit", app);
	AUTO_FREE char *keys = paths_in(home, "%s", app ? "tls" : ".ssh");

	fs_sweep_new(config);
	fs_sweep_new(home);
	fs_sweep_new(keys);
	fs_sweep_new(login);
	if (!app)
		fs_sweep_new(locks);
}

int sweep_work_is_left(struct store *st, const char *id, bool *left, struct err *err)
{
	AUTO_FREE char *tree = paths_in(paths_root(), "store/work/%s", id);
	struct deploy row;
	struct stat s;
	int rc = deploy_find(st, id, &row, err);

	if (rc < 0)
		return -1;
	*left = rc == 0 ? row.finished_at != 0
			: stat(tree, &s) == 0 && clock_now() - s.st_mtime > NAMELESS_S;
	return 0;
}
