/* SPDX-License-Identifier: MIT */
#include "runtime/sweep.h"

#include <dirent.h>
#include <stdlib.h>

#include "runtime/registry.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

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
