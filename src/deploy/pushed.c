/* SPDX-License-Identifier: MIT */
#include "deploy/pushed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/lock.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

#define PLUGIN     "pushed"
#define MOVE       "move"
#define QUARANTINE "tmp_objdir-"

enum { CMDLINE_MAX = 65536 };

static char *repo_of(const char *app)
{
	return paths_in(paths_root(), "git/%s.git", app);
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Every file of one directory of objects, as a second name beside the others. */
static int link_files(int from, int to, struct err *err)
{
	AUTO(closedir_at) DIR *d = fdopendir(dup(from));
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_type == DT_REG &&
		    linkat(from, e->d_name, to, e->d_name, 0) < 0 && errno != EEXIST)
			return err_sys(err, "keep the object %s", e->d_name);
	return fsync(to) < 0 ? err_sys(err, "sync the objects") : 0;
}

/* "pack", "0a" … "ff": git keeps them two levels deep. */
static int link_directory(int from, int to, const char *name, struct err *err)
{
	AUTO_CLOSE int inner = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int outer = -1;

	if (mkdirat(to, name, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "create directory %s", name);
	outer = openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inner < 0 || outer < 0)
		return err_sys(err, "open %s", name);
	return link_files(inner, outer, err);
}

int pushed_keep(const struct work *w, struct err *err)
{
	const char *path = getenv("GIT_QUARANTINE_PATH");
	AUTO_FREE char *quarantine = path ? realpath(path, NULL) : NULL;
	AUTO_FREE char *repo = repo_of(w->app.name);
	AUTO_FREE char *real = realpath(repo, NULL);
	AUTO_FREE char *objects = paths_in(real ? real : repo, "objects");
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int to = -1;
	AUTO(closedir_at) DIR *d = NULL;
	struct dirent *e;

	if (!quarantine || !is_below(quarantine, objects))
		return 0;
	from = open(quarantine, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = open(objects, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0 || to < 0)
		return err_sys(err, "open %s", quarantine);
	fault_at("objects");
	d = fdopendir(dup(from));
	while (d && (e = readdir(d)) != NULL)
		if (e->d_type == DT_DIR && !is_dots(e->d_name) &&
		    link_directory(from, to, e->d_name, err) < 0)
			return -1;
	if (fsync(to) < 0)
		return err_sys(err, "sync %s", objects);
	fault_at("objects:kept");
	return 0;
}

int pushed_note(const struct work *w, struct err *err)
{
	const char *ref = getenv("DAVIT_PUSH_REF");
	const char *from = getenv("DAVIT_PUSH_FROM");
	const char *to = getenv("DAVIT_PUSH_TO");
	AUTO_FREE char *move = NULL;

	if (!ref || !from || !to)
		return 0;
	move = xasprintf("%s %s %s", ref, to, from);
	return property_set(w->st, w->app.id, PLUGIN, MOVE, move, err);
}

/* Does this process have to do with the repository: by its words, or by where it stands? */
static bool works_in(const char *pid, const char *repo)
{
	AUTO_FREE char *words = xasprintf("/proc/%s/cmdline", pid);
	AUTO_FREE char *link = xasprintf("/proc/%s/cwd", pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_CLOSE int fd = open(words, O_RDONLY | O_CLOEXEC);
	char cwd[512];
	ssize_t n = readlink(link, cwd, sizeof cwd - 1);
	struct err ignored;

	cwd[n > 0 ? n : 0] = '\0';
	if (is_below(cwd, repo))
		return true;
	if (fd < 0 || fs_read_fd(fd, CMDLINE_MAX, &text, &ignored) < 0)
		return false;
	for (const char *word = text.data; word < text.data + text.len;
	     word += strlen(word) + 1)
		if (is_below(word, repo))
			return true;
	return false;
}

static bool git_works_in(const char *repo)
{
	AUTO(closedir_at) DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    works_in(e->d_name, repo))
			return true;
	return false;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name);

	return n > strlen(end) && strcmp(name + n - strlen(end), end) == 0;
}

/* Locks of refs and files that are half there, at any depth but among the objects. */
static void find_locks(const char *dir, struct strv *found)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, e->d_name);

		if (is_dots(e->d_name) || strcmp(e->d_name, "objects") == 0)
			continue;
		if (e->d_type == DT_DIR)
			find_locks(path, found);
		else if (ends_with(e->d_name, ".lock"))
			strv_add(found, path);
	}
}

/* Quarantines and objects that were being written. */
static void find_objects(const char *objects, struct strv *found)
{
	AUTO(closedir_at) DIR *d = opendir(objects);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = xasprintf("%s/%s", objects, e->d_name);
		AUTO(closedir_at) DIR *inner = NULL;
		struct dirent *file;

		if (strncmp(e->d_name, QUARANTINE, strlen(QUARANTINE)) == 0) {
			strv_add(found, path);
			continue;
		}
		if (e->d_type != DT_DIR || is_dots(e->d_name))
			continue;
		inner = opendir(path);
		while (inner && (file = readdir(inner)) != NULL)
			if (strncmp(file->d_name, "tmp_", 4) == 0)
				strv_addf(found, "%s/%s", path, file->d_name);
	}
}

static int move_branch(struct store *st, const struct app *app, const char *repo,
		       struct err *err)
{
	AUTO_FREE char *text = NULL;
	AUTO(strv_release) struct strv w = STRV_INIT;
	struct proc_end end;
	int rc = property_find(st, app->id, PLUGIN, MOVE, &text, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	strv_split(&w, text, " ");
	if (w.len == 3) {
		const char *const argv[] = {
			"/usr/bin/git", "-c",   "core.fsync=reference",
			"-C",           repo,   "update-ref",
			"--",           w.v[0], w.v[1],
			w.v[2],         NULL
		};
		struct proc p = { .argv = argv, .env = proc_plain_env };

		/* It refuses when somebody has moved it since: then all is well. */
		if (proc_run(&p, &end, err) < 0)
			return -1;
	}
	return property_unset(st, app->id, PLUGIN, MOVE, err) < 0 ? -1 : 0;
}

int pushed_mend(struct store *st, const struct app *app, struct err *err)
{
	AUTO_FREE char *repo = repo_of(app->name);
	AUTO_FREE char *objects = paths_in(repo, "objects");
	AUTO_FREE char *move = NULL;
	AUTO(strv_release) struct strv found = STRV_INIT;

	if (!fs_is_dir(repo))
		return 0;
	/* Whoever begins after this list makes what is not in it. */
	find_locks(repo, &found);
	find_objects(objects, &found);
	if (!found.len && property_find(st, app->id, PLUGIN, MOVE, &move, err) != 0)
		return 0;
	if (git_works_in(repo))
		return 0;
	strv_foreach(path, &found) {
		if (fs_remove_tree(path, err) < 0)
			return -1;
	}
	return move_branch(st, app, repo, err);
}

int pushed_mend_idle(struct store *st, const struct app *app, struct err *err)
{
	AUTO_CLOSE int lock = -1;

	return lock_try(app->id, &lock, err) == 0 ? pushed_mend(st, app, err) : 0;
}
