/* SPDX-License-Identifier: MIT */
#include "root/container.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/hunt.h"
#include "root/net.h"
#include "root/runtime.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"
#include "util/proc.h"

#define CONTAINERS DAVIT_RUN_DIR "/c"
#define STATE_MAX  (1u << 20)

char *container_path(const char *id, const char *name)
{
	return name ? xasprintf(CONTAINERS "/%s/%s", id, name)
		    : xasprintf(CONTAINERS "/%s", id);
}

int container_load(const char *id, json_t **state, struct err *err)
{
	AUTO_FREE char *path = container_path(id, "state.json");
	AUTO(buf_release) struct buf text = BUF_INIT;
	json_t *got;
	int rc = fs_read(path, STATE_MAX, &text, err);

	if (rc)
		return rc < 0 ? -1 : CONTAINER_ABSENT;
	got = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(got)) {
		json_decref(got);
		return err_set(err, ERR_HOST, "%s is damaged", path);
	}
	*state = got;
	return 0;
}

static int write_state(const char *dir, const json_t *state, struct err *err)
{
	AUTO_FREE char *path = xasprintf("%s/state.json", dir);
	AUTO_FREE char *tmp = xasprintf("%s/state.new", dir);
	AUTO_FREE char *text = json_dumps(state, JSON_COMPACT);
	AUTO_CLOSE int fd = -1;

	if (!text)
		bug("a state that cannot be written");
	/* On a tmpfs: nothing to sync, a reboot takes the container with it. */
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fs_write_all(fd, text, strlen(text)) < 0)
		return err_sys(err, "write %s", path);
	fault_at("state");
	if (rename(tmp, path) < 0)
		return err_sys(err, "write %s", path);
	fault_at("state:renamed");
	return 0;
}

int container_save(const char *id, const json_t *state, struct err *err)
{
	AUTO_FREE char *dir = container_path(id, NULL);

	return write_state(dir, state, err);
}

/* No id begins with a dot. */
int container_create(const char *id, const json_t *state, struct err *err)
{
	AUTO_FREE char *path = container_path(id, NULL);
	AUTO_FREE char *tmp = xasprintf(CONTAINERS "/.%d.%s", (int)getpid(), id);
	struct err ignored;
	int rc = 0;

	fault_at("container");
	if (mkdir(tmp, 0711) < 0)
		return err_sys(err, "create directory %s", tmp);
	rc = write_state(tmp, state, err);
	if (rc == 0 && renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE) < 0) {
		rc = errno == EEXIST ? err_set(err, ERR_REFUSED,
					       "there is a container %s already", id)
				     : err_sys(err, "create directory %s", path);
		if (err->kind == ERR_REFUSED)
			(void)err_hint(err, "davit ps:report: it may still be stopping");
	}
	if (rc < 0)
		(void)fs_remove_tree(tmp, &ignored);
	fault_at("container:made");
	return rc;
}

void container_sweep(void)
{
	AUTO(closedir_at) DIR *d = opendir(CONTAINERS);
	struct err ignored;
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		pid_t pid = e->d_name[0] == '.' ? (pid_t)strtol(e->d_name + 1, NULL, 10)
						: 0;

		if (pid > 0 && !container_helper_lives(pid))
			(void)fs_remove_tree_at(dirfd(d), e->d_name, &ignored);
	}
}

void container_list(struct strv *ids)
{
	AUTO(closedir_at) DIR *d = opendir(CONTAINERS);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (name_is_id(e->d_name))
			strv_add(ids, e->d_name);
	strv_sort(ids);
}

static bool in_list(const json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

static char *find(const char *layer, const char *app)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	struct err ignored;

	container_list(&ids);
	strv_foreach(id, &ids) {
		json_t *state = NULL;
		bool hit;

		if (container_load(id, &state, &ignored) != 0)
			continue;
		const char *its = json_string_value(json_object_get(state, "app"));

		hit = layer ? in_list(json_object_get(state, "layers"), layer)
			    : its && strcmp(its, app) == 0;
		json_decref(state);
		if (hit)
			return xstrdup(id);
	}
	return NULL;
}

char *container_using(const char *layer)
{
	return find(layer, NULL);
}

char *container_of_app(const char *app)
{
	return find(NULL, app);
}

void container_note_process(json_t *state, const char *who, pid_t pid)
{
	AUTO_FREE char *start = xasprintf("%s_start", who);

	(void)json_object_set_new(state, who, json_integer(pid));
	(void)json_object_set_new(state, start,
				  json_integer((json_int_t)proc_start_time(pid)));
}

bool container_alive(const json_t *state, const char *who)
{
	AUTO_FREE char *start = xasprintf("%s_start", who);
	json_int_t pid = json_integer_value(json_object_get(state, who));
	json_int_t then = json_integer_value(json_object_get(state, start));

	return proc_lives((pid_t)pid, (unsigned long long)then) &&
	       !proc_is_zombie((pid_t)pid);
}

bool container_helper_lives(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/comm", (int)pid);
	AUTO(buf_release) struct buf name = BUF_INIT;
	struct err ignored;

	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fs_read_fd(fd, 64, &name, &ignored) < 0)
		return false;
	buf_chomp(&name);
	return strcmp(name.data, "davit-root") == 0;
}

static void unmount(const char *path)
{
	(void)umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
}

static void unmount_all(const char *id)
{
	AUTO_FREE char *rootfs = container_path(id, "rootfs");
	AUTO_FREE char *net = container_path(id, CONTAINER_NET);
	AUTO_FREE char *dir = container_path(id, "m");
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	unmount(rootfs);
	unmount(net);
	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, e->d_name);

		if (e->d_name[0] != '.')
			unmount(path);
	}
}

/*
 * Of one whose processes are gone, what the runtime's own `delete` would do: the start of that
 * program costs more than the rest of the removal.
 */
static bool forget_dead(const char *id, const json_t *state, const char *group)
{
	return group && json_object_get(state, "pid") && !container_alive(state, "pid") &&
	       cgroup_remove(group) && runtime_forget(id);
}

/* Whatever runs of it. */
static void end_processes(const char *id, const json_t *state)
{
	const char *group = json_string_value(json_object_get(state, "cgroup"));
	struct err ignored;

	if (forget_dead(id, state, group))
		return;

	if (!json_object_get(state, "pid")) {
		/* Its helper died while the runtime was at work. */
		hunt_makers(id);
		if (group)
			cgroup_kill(group);
	}
	if (container_alive(state, "pid"))
		(void)kill((pid_t)json_integer_value(json_object_get(state, "pid")),
			   SIGKILL);
	if (runtime_delete(id, &ignored) < 0 && group) {
		cgroup_kill(group);
		(void)runtime_delete(id, &ignored);
	}
	if (group)
		(void)cgroup_remove(group);
}

static void end(const char *id)
{
	struct err ignored;
	json_t *state = NULL;

	if (container_load(id, &state, &ignored) == 0)
		end_processes(id, state);
	json_decref(state);
	fault_at("destroy:stopped");
}

static int remove_dir(const char *id, struct err *err)
{
	AUTO_FREE char *dir = container_path(id, NULL);

	if (fs_remove_tree(dir, err) < 0)
		return -1;
	fault_at("destroy:removed");
	return 0;
}

int container_destroy(const char *id, struct err *err)
{
	end(id);
	unmount_all(id);
	if (net_release(id, err) < 0)
		return -1;
	fault_at("destroy:released");
	return remove_dir(id, err);
}

int container_clear(const char *id, int *net_fd, struct err *err)
{
	AUTO_FREE char *net = container_path(id, CONTAINER_NET);
	AUTO_CLOSE int held = -1;

	end(id);
	held = open(net, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unmount_all(id);
	if (remove_dir(id, err) < 0)
		return -1;
	*net_fd = take_fd(&held);
	return 0;
}
