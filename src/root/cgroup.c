/* SPDX-License-Identifier: MIT */
#include "root/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/strv.h"

#define TOP      "/sys/fs/cgroup"
#define TEXT_MAX 65536

bool cgroup_is_v2(void)
{
	struct statfs fs;

	return statfs(TOP, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

bool cgroup_has_systemd(void)
{
	return fs_is_dir("/run/systemd/system");
}

bool cgroup_has_swap(void)
{
	return cgroup_is_v2() ? true
			      : fs_exists(TOP "/memory/memory.memsw.limit_in_bytes");
}

/* The hierarchies that are mounted: "" for version 2, else the names of directories. */
static void hierarchies(struct strv *out)
{
	AUTO(closedir_at) DIR *d = NULL;
	struct dirent *e;

	if (cgroup_is_v2()) {
		strv_add(out, "");
		return;
	}
	d = opendir(TOP);
	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			strv_addf(out, "/%s", e->d_name);
}

static long counter(const char *file, const char *name)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;
	size_t n = strlen(name);

	if (fs_read(file, TEXT_MAX, &text, &ignored) != 0)
		return 0;
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines) {
		if (strncmp(line, name, n) == 0 && line[n] == ' ')
			return strtol(line + n, NULL, 10);
	}
	return 0;
}

long cgroup_oom_kills(const char *path)
{
	AUTO_FREE char *file = cgroup_is_v2()
				       ? xasprintf(TOP "%s/memory.events", path)
				       : xasprintf(TOP "/memory%s/memory.oom_control",
						   path);

	return counter(file, "oom_kill");
}

/* "NUMBER:CONTROLLERS:PATH" for each hierarchy, in /proc/PID/cgroup. */
bool cgroup_all_in(const char *lines, const char *path)
{
	AUTO(strv_release) struct strv all = STRV_INIT;

	strv_split(&all, lines, "\n");
	strv_foreach(line, &all) {
		const char *names = strchr(line, ':');
		const char *its = names ? strchr(names + 1, ':') : NULL;

		if (!its)
			return false;
		if (strncmp(names, ":cpuset:", 8) != 0 && strcmp(its + 1, path) != 0)
			return false;
	}
	return all.len > 0;
}

static bool is_in(pid_t pid, const char *path)
{
	AUTO_FREE char *file = xasprintf("/proc/%d/cgroup", (int)pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;

	return fs_read(file, TEXT_MAX, &text, &ignored) == 0 &&
	       cgroup_all_in(text.data, path);
}

int cgroup_move(pid_t pid, const char *path, struct err *err)
{
	AUTO(strv_release) struct strv all = STRV_INIT;
	AUTO_FREE char *text = xasprintf("%d", (int)pid);

	if (is_in(pid, path))
		return 0;
	hierarchies(&all);
	strv_foreach(h, &all) {
		AUTO_FREE char *dir = xasprintf(TOP "%s%s", h, path);
		AUTO_FREE char *procs = xasprintf("%s/cgroup.procs", dir);
		AUTO_CLOSE int fd = -1;

		/* An empty set of CPUs takes no process: its owner uses the others. */
		if (strcmp(h, "/cpuset") == 0)
			continue;
		if (fs_mkdirs(dir, 0755, err) < 0)
			return -1;
		fd = open(procs, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || fs_write_all(fd, text, strlen(text)) < 0)
			return err_sys(err, "move process %d to %s", (int)pid, dir);
	}
	return 0;
}

static void kill_listed(const char *procs)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv pids = STRV_INIT;
	struct err ignored;

	if (fs_read(procs, 1 << 20, &text, &ignored) != 0)
		return;
	strv_split(&pids, text.data, "\n");
	strv_foreach(pid, &pids) {
		long n = strtol(pid, NULL, 10);

		if (n > 1)
			(void)kill((pid_t)n, SIGKILL);
	}
}

void cgroup_kill(const char *path)
{
	AUTO_FREE char *switch_file = xasprintf(TOP "%s/cgroup.kill", path);
	AUTO_FREE char *procs = cgroup_is_v2()
					? xasprintf(TOP "%s/cgroup.procs", path)
					: xasprintf(TOP "/pids%s/cgroup.procs", path);
	AUTO_CLOSE int fd = cgroup_is_v2() ? open(switch_file, O_WRONLY | O_CLOEXEC) : -1;

	if (fd < 0 || fs_write_all(fd, "1", 1) < 0)
		kill_listed(procs);
}

static bool remove_group(const char *dir)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *sub = xasprintf("%s/%s", dir, e->d_name);

		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			(void)remove_group(sub);
	}
	return rmdir(dir) == 0 || errno == ENOENT;
}

bool cgroup_remove(const char *path)
{
	AUTO(strv_release) struct strv all = STRV_INIT;
	bool gone = true;

	hierarchies(&all);
	strv_foreach(h, &all) {
		AUTO_FREE char *dir = xasprintf(TOP "%s%s", h, path);

		gone &= remove_group(dir);
	}
	return gone;
}

void cgroup_list(const char *path, struct strv *names)
{
	AUTO(strv_release) struct strv all = STRV_INIT;

	hierarchies(&all);
	strv_foreach(h, &all) {
		AUTO_FREE char *dir = xasprintf(TOP "%s%s", h, path);
		AUTO(closedir_at) DIR *d = opendir(dir);
		struct dirent *e;

		while (d && (e = readdir(d)) != NULL)
			if (e->d_type == DT_DIR && e->d_name[0] != '.' &&
			    strv_find(names, e->d_name) < 0)
				strv_add(names, e->d_name);
	}
}

char *cgroup_of(pid_t pid)
{
	AUTO_FREE char *file = xasprintf("/proc/%d/cgroup", (int)pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;

	if (fs_read(file, TEXT_MAX, &text, &ignored) != 0)
		return NULL;
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines) {
		if (strncmp(line, "0::", 3) == 0 && (cgroup_is_v2() || line[3]))
			return xstrdup(line + 3);
	}
	return NULL;
}
