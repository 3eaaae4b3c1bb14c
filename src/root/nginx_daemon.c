/* SPDX-License-Identifier: MIT */
#include "root/nginx_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/pidfile.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/proc.h"
#include "util/strv.h"

#define NGINX     "/usr/sbin/nginx"
#define PID_FILE  "/run/nginx.pid"
#define TEST_MS   30000
#define RELOAD_MS 3000

static int run(const char *const *argv, struct buf *words, struct proc_end *end,
	       struct err *err)
{
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .flags = PROC_MERGE,
			  .out = words,
			  .timeout_ms = TEST_MS };

	if (access(argv[0], X_OK) < 0) {
		(void)err_sys(err, "%s", argv[0]);
		return err_hint(err, "apt-get install nginx-light");
	}
	if (proc_run(&p, end, err) < 0)
		return -1;
	buf_chomp(words);
	return 0;
}

int nginx_daemon_test(struct buf *words, struct err *err)
{
	static const char *const argv[] = { NGINX, "-q", "-t", NULL };
	struct proc_end end;

	if (run(argv, words, &end, err) < 0)
		return -1;
	return end.code ? NGINX_DISLIKED : 0;
}

/* The pid in nginx's file, if that process is an nginx. */
static pid_t master(void)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	struct err ignored;
	pid_t pid;

	if (pidfile_read(PID_FILE, &pid, &ignored) < 0)
		return 0;
	AUTO_FREE char *path = xasprintf("/proc/%d/comm", (int)pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fs_read_fd(fd, 64, &name, &ignored) < 0)
		return 0;
	return strcmp(name.data, "nginx\n") == 0 ? pid : 0;
}

static void workers(pid_t pid, struct strv *out)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/task/%d/children", (int)pid, (int)pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err ignored;

	if (fd >= 0 && fs_read_fd(fd, 1 << 20, &text, &ignored) == 0)
		strv_split(out, text.data, " \n");
}

static int start(struct err *err)
{
	static const char *const by_systemd[] = { "/usr/bin/systemctl", "start", "nginx",
						  NULL };
	static const char *const by_hand[] = { NGINX, NULL };
	AUTO(buf_release) struct buf words = BUF_INIT;
	struct proc_end end;

	if (run(cgroup_has_systemd() ? by_systemd : by_hand, &words, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	(void)err_set(err, ERR_HOST, "nginx does not start: %.700s", words.data);
	return err_hint(err, "nginx -t; ss -ltnp");
}

/* Has this worker stopped taking connections?  nginx says so in the process's title. */
static bool is_leaving(const char *pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%s/cmdline", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char title[128];
	/* The title is padded to the length of the program's whole environment. */
	ssize_t n = fd < 0 ? 0 : read(fd, title, sizeof title - 1);

	if (n <= 0)
		return true;
	title[n] = '\0';
	return strstr(title, "shutting down") != NULL;
}

/* Old workers answer beside the new ones for a tenth of a second: until they are told to
 * leave, a request may still meet the old configuration. */
static bool has_taken_over(pid_t pid, const struct strv *before)
{
	AUTO(strv_release) struct strv now = STRV_INIT;
	bool fresh = false;

	workers(pid, &now);
	strv_foreach(w, &now) {
		bool old = strv_find(before, w) >= 0;

		if (old && !is_leaving(w))
			return false;
		fresh = fresh || !old;
	}
	return fresh;
}

int nginx_daemon_reload(struct err *err)
{
	AUTO(strv_release) struct strv before = STRV_INIT;
	int64_t deadline = clock_ms() + RELOAD_MS;
	pid_t pid = master();

	if (!pid)
		return start(err);
	workers(pid, &before);
	if (kill(pid, SIGHUP) < 0)
		return err_sys(err, "reload nginx");
	while (clock_ms() < deadline) {
		if (has_taken_over(pid, &before))
			return 0;
		clock_sleep_ms(1);
	}
	(void)err_set(err, ERR_HOST, "nginx did not take the new configuration");
	return err_hint(err, "tail /var/log/nginx/error.log");
}
