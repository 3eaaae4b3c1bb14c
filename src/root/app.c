/* SPDX-License-Identifier: MIT */
#include "root/app.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/container.h"
#include "root/dirs.h"
#include "root/layer.h"
#include "root/net.h"
#include "root/nft.h"
#include "root/nginx.h"
#include "root/nginx_logs.h"
#include "root/protocol.h"
#include "root/range.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/paths.h"

#define NGINX_FILES DAVIT_ROOT_DIR "/nginx"

/* Directories with one entry per app: of root's own making, and with the app's contents. */
static const char *const plain[] = { NGINX_FILES "/snippets", DAVIT_ROOT_DIR "/tls",
				     DAVIT_LOG_DIR };
static const char *const owned[] = { DAVIT_ROOT_DIR "/cache", DAVIT_ROOT_DIR "/static" };

/* The same, as a rename sees them: nginx reads from the second kind at any time. */
static const char *const moved[] = { DAVIT_ROOT_DIR "/cache", NGINX_FILES "/snippets",
				     DAVIT_LOG_DIR };
static const char *const aliased[] = { DAVIT_ROOT_DIR "/static", DAVIT_ROOT_DIR "/tls" };

static int refuse_running(const char *app, struct err *err)
{
	AUTO_FREE char *id = container_of_app(app);

	if (!id)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s still has the container %s", app, id);
	return err_hint(err, "davit ps:stop %s", app);
}

static int take_named(const json_t *op, const char *field, const char **app,
		      struct err *err)
{
	if (request_app(op, field, app, err) < 0)
		return -1;
	if (strcmp(*app, STACK_APP) == 0)
		return err_set(err, ERR_REFUSED, "%s stays", STACK_APP);
	return 0;
}

/* Links of old names to an app that is going away. */
static void drop_links_to(const char *dir, const char *app)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		char target[256];
		ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);

		target[n > 0 ? n : 0] = '\0';
		if (strcmp(target, app) == 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
}

int verb_forget(const json_t *op, json_t *reply, struct err *err)
{
	const char *app = NULL;

	(void)reply;
	if (take_named(op, "app", &app, err) < 0 || refuse_running(app, err) < 0 ||
	    nginx_forget(app, err) < 0 || nft_forget(app, err) < 0)
		return -1;
	app_drop_alias(app);
	for (size_t i = 0; i < sizeof aliased / sizeof *aliased; i++)
		drop_links_to(aliased[i], app);
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		if (layer_drop(owned[i], app, err) < 0)
			return -1;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", plain[i], app);

		if (fs_remove_tree(path, err) < 0)
			return -1;
	}
	return nginx_logs_forget(app, err) < 0 ? -1 : range_forget(app, err);
}

void app_drop_alias(const char *app)
{
	for (size_t i = 0; i < sizeof aliased / sizeof *aliased; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", aliased[i], app);
		struct stat st;

		if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
			(void)unlink(path);
	}
	nginx_logs_drop_alias(app);
}

static int drop_stale(const char *dir, struct err *err)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	AUTO_CLOSE int lock = -1;
	struct dirent *e;

	if (dirs_lock("renames", &lock, err) < 0)
		return -1;
	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *file = xasprintf(NGINX_FILES "/%s.conf", e->d_name);

		if (e->d_type == DT_LNK && !fs_exists(file))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	return 0;
}

int app_sweep_aliases(struct err *err)
{
	for (size_t i = 0; i < sizeof aliased / sizeof *aliased; i++)
		if (drop_stale(aliased[i], err) < 0)
			return -1;
	return nginx_logs_sweep(err);
}

/* One entry; what an earlier try has moved is fine. */
static int move(const char *dir, const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old = xasprintf("%s/%s", dir, from);
	AUTO_FREE char *new = xasprintf("%s/%s", dir, to);
	struct stat st;

	if (lstat(old, &st) < 0 || S_ISLNK(st.st_mode))
		return 0;
	fault_at("rename");
	if (renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_NOREPLACE) == 0) {
		fault_at("rename:renamed");
		return 0;
	}
	return err_sys(err, "rename %s to %s", old, new);
}

/* nginx serves by the old name until it has the app's new file. */
static int move_served(const char *dir, const char *from, const char *to, struct err *err)
{
	AUTO_FREE char *old = xasprintf("%s/%s", dir, from);
	AUTO_FREE char *new = xasprintf("%s/%s", dir, to);
	struct stat st;

	if (lstat(old, &st) < 0 || S_ISLNK(st.st_mode))
		return 0;
	/* Exchanged in one step: the new name is a link first, then the old one is. */
	if (symlink(to, new) < 0)
		return err_sys(err, "rename %s to %s", old, new);
	if (renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_EXCHANGE) < 0) {
		(void)unlink(new);
		return err_sys(err, "rename %s to %s", old, new);
	}
	return 0;
}

/* Running containers belong to the new name. */
static int move_containers(const char *from, const char *to, struct err *err)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	AUTO_FREE char *old_dir = xasprintf(DAVIT_LOG_DIR "/%s/", from);

	container_list(&ids);
	strv_foreach(id, &ids) {
		json_t *state = NULL;
		int rc = 0;

		if (container_load(id, &state, err) != 0)
			continue;
		const char *app = json_string_value(json_object_get(state, "app"));
		const char *log = json_string_value(json_object_get(state, "log"));

		if (app && strcmp(app, from) == 0) {
			if (log && strncmp(log, old_dir, strlen(old_dir)) == 0)
				(void)json_object_set_new(
					state, "log",
					json_sprintf(DAVIT_LOG_DIR "/%s/%s", to,
						     log + strlen(old_dir)));
			(void)json_object_set_new(state, "app", json_string(to));
			rc = container_save(id, state, err);
		}
		json_decref(state);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int verb_rename(const json_t *op, json_t *reply, struct err *err)
{
	AUTO_FREE char *file = NULL;
	AUTO_CLOSE int lock = -1;
	const char *from = NULL;
	const char *to = NULL;

	(void)reply;
	if (take_named(op, "from", &from, err) < 0 ||
	    take_named(op, "to", &to, err) < 0 || dirs_lock("renames", &lock, err) < 0)
		return -1;
	file = xasprintf(NGINX_FILES "/%s.conf", from);
	app_drop_alias(to);
	if (range_rename(from, to, err) < 0 || nft_rename(from, to, err) < 0 ||
	    move_containers(from, to, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
		if (move(moved[i], from, to, err) < 0)
			return -1;
	for (size_t i = 0; i < sizeof aliased / sizeof *aliased; i++)
		if (move_served(aliased[i], from, to, err) < 0)
			return -1;
	if (nginx_logs_rename(from, to, err) < 0)
		return -1;
	/* Nothing serves by the old name: there was no file yet, or a rename is taken back. */
	if (!fs_exists(file))
		app_drop_alias(from);
	return 0;
}
