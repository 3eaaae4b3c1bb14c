/* SPDX-License-Identifier: MIT */
/* What belongs to apps that are gone, and files that were never renamed into place. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/doctor/doctor.h"
#include "runtime/sweep.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/paths.h"

enum { LOCK_S = 2 * 24 * 3600 };

/* Directories with one entry per app; `tail` is taken off the names. */
static const struct {
	const char *path;
	const char *tail;
	const char *what;
} per_app[] = {
	{ "git", ".git", "repository" },
	{ "config/registry", "", "directory of registry passwords" },
	{ "store/builds", "", "directory of build logs" },
};

static void check_per_app(struct doctor *d, size_t k)
{
	AUTO_FREE char *path = paths_in(paths_root(), "%s", per_app[k].path);
	AUTO(closedir_at) DIR *dir = opendir(path);
	size_t m = strlen(per_app[k].tail);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		size_t n = strlen(e->d_name);
		AUTO_FREE char *app = NULL;

		if (e->d_name[0] == '.' || n <= m ||
		    strcmp(e->d_name + n - m, per_app[k].tail) != 0)
			continue;
		app = xstrndup(e->d_name, n - m);
		if (name_is_app(app) && !doctor_has_app(d, app))
			doctor_found(d, WARNING, "davit cleanup --gone-apps",
				     "%s/%s is the %s of an app that does not exist",
				     path, e->d_name, per_app[k].what);
	}
}

/* Directories that root keeps, as davit-root named them. */
static void check_listed(struct doctor *d, const char *field, const char *what)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(d->host, field), i, name) {
		const char *app = json_string_value(name);

		if (name_is_app(app) && !doctor_has_app(d, app))
			doctor_found(d, WARNING, "davit cleanup --gone-apps",
				     "%s of the app %s, which does not exist", what, app);
	}
}

static void check_temporary(struct doctor *d)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store");
	AUTO(closedir_at) DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL)
		if (fs_is_left(e->d_name))
			doctor_mends(d, WARNING, "davit cleanup",
				     "%s/%s was never renamed into place", path,
				     e->d_name);
}

/* An app's end leaves a few; the cleanup of each day takes them. */
static void check_locks(struct doctor *d)
{
	AUTO(strv_release) struct strv paths = STRV_INIT;
	struct err ignored;
	struct stat st;

	if (sweep_gone_locks(d->st, &paths, &ignored) < 0)
		return;
	strv_foreach(path, &paths)
		if (stat(path, &st) == 0 && clock_now() - st.st_mtime > LOCK_S)
			doctor_mends(d, WARNING, "davit cleanup",
				     "%s is the lock of an app that is gone", path);
}

void doctor_check_files(struct doctor *d)
{
	for (size_t k = 0; k < sizeof per_app / sizeof *per_app; k++)
		check_per_app(d, k);
	check_listed(d, "caches", "build caches");
	check_listed(d, "tls", "certificate");
	check_temporary(d);
	check_locks(d);
}
