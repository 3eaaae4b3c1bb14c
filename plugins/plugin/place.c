/* SPDX-License-Identifier: MIT */
#include "plugins/plugin/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "command/command.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define VALUE_MAX (1024 * 1024)

/* One component of a path. */
static int check_word(const char *what, const char *word, struct err *err)
{
	if (*word && *word != '.' && strlen(word) <= 200 && !strchr(word, '/'))
		return 0;
	return err_set(err, ERR_USAGE, "'%.100s' is not the name of %s", word, what);
}

static bool is_ours(const char *plugin)
{
	const struct command *c;
	size_t n = strlen(plugin);
	size_t at = 0;

	while ((c = command_next(&at)) != NULL)
		if (strncmp(c->name, plugin, n) == 0 && c->name[n] == ':')
			return true;
	return false;
}

int place_open(struct place *p, struct store *st, const char *plugin, const char *app,
	       struct err *err)
{
	struct app found = { .id = STORE_GLOBAL };

	*p = (struct place){ .plugin = plugin, .app = app };
	if (check_word("a plugin", plugin, err) < 0 || check_word("an app", app, err) < 0)
		return -1;
	if (!is_ours(plugin))
		return 0;
	if (strcmp(app, "--global") != 0 && app_need(st, app, &found, err) < 0)
		return -1;
	p->st = st;
	p->app_id = found.id;
	return 0;
}

static char *dir_of(const struct place *p)
{
	return paths_in(paths_root(), "config/%s/%s", p->plugin, p->app);
}

int place_load(const struct place *p, const char *key, struct buf *value, struct err *err)
{
	AUTO_FREE char *dir = dir_of(p);
	AUTO_FREE char *path = paths_in(dir, "%s", key);
	AUTO_FREE char *text = NULL;
	int rc;

	if (check_word("a property", key, err) < 0)
		return -1;
	if (!p->st) {
		rc = fs_read(path, VALUE_MAX, value, err);
		return rc == FS_ABSENT ? PLACE_ABSENT : rc;
	}
	rc = property_find(p->st, p->app_id, p->plugin, key, &text, err);
	if (rc == 0)
		buf_adds(value, text);
	return rc == STORE_NO_ROW ? PLACE_ABSENT : rc;
}

int place_save(const struct place *p, const char *key, const struct buf *value,
	       struct err *err)
{
	AUTO_FREE char *dir = dir_of(p);
	AUTO_FREE char *path = paths_in(dir, "%s", key);

	if (check_word("a property", key, err) < 0)
		return -1;
	if (p->st)
		return property_set(p->st, p->app_id, p->plugin, key, value->data, err);
	if (fs_mkdirs(dir, 0755, err) < 0)
		return -1;
	return fs_write_atomic(path, value->data, value->len, 0600, err);
}

int place_remove(const struct place *p, const char *key, struct err *err)
{
	AUTO_FREE char *dir = dir_of(p);
	AUTO_FREE char *path = paths_in(dir, "%s", key);

	if (check_word("a property", key, err) < 0)
		return -1;
	if (p->st)
		return property_unset(p->st, p->app_id, p->plugin, key, err);
	if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_sys(err, "remove %s", path);
}

int place_keys(const struct place *p, const char *prefix, struct strv *keys,
	       struct err *err)
{
	AUTO_FREE char *dir = dir_of(p);
	AUTO(closedir_at) DIR *d = NULL;
	struct dirent *e;

	if (p->st)
		return property_keys(p->st, p->app_id, p->plugin, prefix, keys, err);
	d = opendir(dir);
	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    strncmp(e->d_name, prefix, strlen(prefix)) == 0)
			strv_add(keys, e->d_name);
	strv_sort(keys);
	return 0;
}

int place_destroy(const struct place *p, struct err *err)
{
	AUTO_FREE char *dir = NULL;

	if (p->st)
		return property_clear(p->st, p->app_id, p->plugin, err);
	dir = strcmp(p->app, "_all_") == 0
		      ? paths_in(paths_root(), "config/%s", p->plugin)
		      : dir_of(p);
	return fs_remove_tree(dir, err);
}

int place_setup(const struct place *p, struct err *err)
{
	AUTO_FREE char *dir = dir_of(p);

	return p->st ? 0 : fs_mkdirs(dir, 0755, err);
}

int place_lock(const struct place *p, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "config/%s", p->plugin);
	AUTO_FREE char *path = paths_in(dir, ".lock");
	AUTO_CLOSE int fd = -1;

	if (fs_mkdirs(dir, 0755, err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return err_sys(err, "lock %s", path);
	return take_fd(&fd);
}
