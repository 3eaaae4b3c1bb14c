/* SPDX-License-Identifier: MIT */
#include "plugins/plugin/trees.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

char *trees_available(const char *name)
{
	return paths_in(paths_root(), "plugins/available/%s", name);
}

char *trees_enabled(const char *name)
{
	return paths_in(paths_root(), "plugins/enabled/%s", name);
}

void trees_names(bool enabled, struct strv *names)
{
	AUTO_FREE char *dir = enabled ? trees_enabled("") : trees_available("");
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = paths_in(dir, "%s", e->d_name);

		if (name_is_id(e->d_name) && fs_is_dir(path) &&
		    !plugin_is_core(e->d_name))
			strv_add(names, e->d_name);
	}
	strv_sort(names);
}

bool trees_is_enabled(const char *name)
{
	AUTO_FREE char *path = trees_enabled(name);

	return fs_is_dir(path);
}

int trees_check_name(const char *name, struct err *err)
{
	if (!name_is_id(name) || strlen(name) > APP_NAME_MAX) {
		(void)err_set(err, ERR_USAGE, "'%.100s' is not a name for a plugin",
			      name);
		return err_hint(err,
				"letters, digits, '.', '_' and '-', beginning with a "
				"letter or digit: give one with --name");
	}
	if (!plugin_is_core(name))
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s is a plugin of davit's own", name);
	return err_hint(err, "install it under another name: --name my-%s", name);
}

int trees_check_there(const char *name, struct err *err)
{
	AUTO_FREE char *path = NULL;

	if (trees_check_name(name, err) < 0)
		return -1;
	path = trees_available(name);
	if (fs_is_dir(path))
		return 0;
	(void)err_set(err, ERR_REFUSED, "Plugin %s is not installed", name);
	return err_hint(err, "davit plugin:list shows the plugins there are");
}

static void cut_end(char *name, const char *end)
{
	size_t n = strlen(name);
	size_t m = strlen(end);

	if (n > m && strcmp(name + n - m, end) == 0)
		name[n - m] = '\0';
}

char *trees_name_of(const char *url)
{
	static const char *const ends[] = { ".git", ".tar.gz", ".tgz" };
	static const char *const starts[] = { "dokku-", "davit-" };
	AUTO_FREE char *path = xstrdup(url);
	const char *name;

	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	name = strrchr(path, '/');
	name = name ? name + 1 : path;

	char *out = xstrdup(name);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		cut_end(out, ends[i]);
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t n = strlen(starts[i]);

		if (strncmp(out, starts[i], n) == 0 && out[n]) {
			memmove(out, out + n, strlen(out + n) + 1);
			break;
		}
	}
	return out;
}

int trees_lock(struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "plugins/.lock");
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_sys(err, "open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return take_fd(&fd);
	if (errno != EWOULDBLOCK)
		return err_sys(err, "lock %s", path);
	(void)err_set(err, ERR_REFUSED, "another plugin command is at work");
	return err_hint(err, "wait for it, then try again");
}

int trees_link(const char *name, struct err *err)
{
	AUTO_FREE char *path = trees_enabled(name);
	AUTO_FREE char *target = xasprintf("../available/%s", name);

	if (symlink(target, path) == 0 || errno == EEXIST)
		return 0;
	return err_sys(err, "link %s", path);
}

int trees_unlink(const char *name, struct err *err)
{
	AUTO_FREE char *path = trees_enabled(name);

	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return err_sys(err, "remove %s", path);
}
