/* SPDX-License-Identifier: MIT */
#include "root/recover.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/app.h"
#include "root/cgroup.h"
#include "root/container.h"
#include "root/layer.h"
#include "root/net.h"
#include "root/nginx.h"
#include "root/runtime.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

#define WORKBENCH      DAVIT_RUN_DIR "/build"
#define ROUTES         DAVIT_RUN_DIR "/routes"
#define UNCLAIMED_SECS 60

/* A directory without a state: the helper died in its first moment, or is in it. */
static bool abandoned(const char *id)
{
	AUTO_FREE char *path = container_path(id, NULL);
	struct stat st;

	return stat(path, &st) == 0 && clock_now() - st.st_mtime > UNCLAIMED_SECS;
}

/*
 * A foreground container lives as long as its helper.  An instance is dead when neither
 * its process nor conmon lives; while conmon lives, its exit hook is still to come.
 */
static bool is_dead(const char *id)
{
	struct err ignored;
	json_t *state = NULL;
	bool dead;

	if (container_load(id, &state, &ignored) != 0)
		return abandoned(id);
	const char *kind = json_string_value(json_object_get(state, "kind"));

	dead = !container_alive(state, "helper");
	if (dead && kind && strcmp(kind, "start") == 0)
		dead = !container_alive(state, "pid") &&
		       !container_alive(state, "conmon");
	json_decref(state);
	return dead;
}

/* Sockets and files of helpers that are gone: "tty.PID", "exec.PID", "exec.PID.pid". */
static void sweep_workbench(void)
{
	AUTO(closedir_at) DIR *d = opendir(WORKBENCH);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		const char *dot = strchr(e->d_name, '.');
		pid_t pid = dot ? (pid_t)strtol(dot + 1, NULL, 10) : 0;

		if (pid > 0 && e->d_name[0] != '.' && !container_helper_lives(pid))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
}

/* What the runtime keeps of a container whose directory is gone. */
static void sweep_runtime(void)
{
	AUTO(closedir_at) DIR *d = opendir(RUNTIME_STATE);
	struct err ignored;
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *dir = container_path(e->d_name, NULL);

		if (name_is_id(e->d_name) && !fs_exists(dir))
			(void)runtime_delete(e->d_name, &ignored);
	}
}

/* A container's directory is there before its group, and goes after it. */
static void sweep_groups(void)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	cgroup_list("/davit", &names);
	strv_foreach(id, &names) {
		AUTO_FREE char *dir = container_path(id, NULL);
		AUTO_FREE char *group = xasprintf("/davit/%s", id);

		if (!name_is_id(id) || fs_exists(dir))
			continue;
		cgroup_kill(group);
		cgroup_remove(group);
	}
}

/* Files that were never renamed into place. */
static void sweep_temporary(const char *dir)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		pid_t pid = fs_writer_of(e->d_name);

		if (pid > 0 && !container_helper_lives(pid))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
}

static void sweep_below(const char *top)
{
	AUTO(closedir_at) DIR *d = opendir(top);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *dir = xasprintf("%s/%s", top, e->d_name);

		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			sweep_temporary(dir);
	}
}

/* ".new-APP" is renamed at once; one that stays a minute has nobody. */
static void sweep_routes(void)
{
	AUTO(closedir_at) DIR *d = opendir(ROUTES);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, ".new-", 5) == 0 &&
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    clock_now() - st.st_mtime > UNCLAIMED_SECS)
			(void)unlinkat(dirfd(d), e->d_name, 0);
}

int verb_recover(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	json_t *removed = json_array();

	(void)op;
	(void)json_object_set_new(reply, "removed", removed);
	container_list(&ids);
	strv_foreach(id, &ids) {
		if (!is_dead(id))
			continue;
		if (container_destroy(id, err) < 0)
			return err_context(err, "remove container %s", id);
		(void)json_array_append_new(removed, json_string(id));
	}
	sweep_workbench();
	sweep_runtime();
	sweep_groups();
	container_sweep();
	net_sweep();
	sweep_temporary(DAVIT_ROOT_DIR);
	sweep_temporary(DAVIT_ROOT_DIR "/nginx");
	sweep_below(DAVIT_ROOT_DIR "/nginx/snippets");
	sweep_below(DAVIT_ROOT_DIR "/tls");
	sweep_routes();
	if (layer_recover(err) < 0)
		return -1;
	(void)json_object_set_new(reply, "nginx", json_array());
	return nginx_finish(json_object_get(reply, "nginx"), err) < 0
		       ? -1
		       : app_sweep_aliases(err);
}
