/* SPDX-License-Identifier: MIT */
#include "root/hunt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "root/container.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"

enum { CMDLINE_MAX = 65536, HUNT_MS = 3000 };

static bool names(const char *pid, const char *bundle)
{
	AUTO_FREE char *path = xasprintf("/proc/%s/cmdline", pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err ignored;

	if (fd < 0 || fs_read_fd(fd, CMDLINE_MAX, &text, &ignored) < 0)
		return false;
	for (const char *word = text.data; word < text.data + text.len;
	     word += strlen(word) + 1)
		if (strcmp(word, bundle) == 0)
			return true;
	return false;
}

/* Held before its words are read, so that it cannot be another process afterwards. */
static bool kill_maker(const char *pid, const char *bundle)
{
	AUTO_CLOSE int process = pidfd_open((pid_t)strtol(pid, NULL, 10), 0);

	return process >= 0 && names(pid, bundle) &&
	       pidfd_send_signal(process, SIGKILL, NULL, 0) == 0;
}

static bool kill_makers(const char *bundle)
{
	AUTO(closedir_at) DIR *d = opendir("/proc");
	struct dirent *e;
	bool any = false;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			any |= kill_maker(e->d_name, bundle);
	return any;
}

/* Until a whole look around finds nobody: a killed one may just have started another. */
void hunt_makers(const char *id)
{
	AUTO_FREE char *bundle = container_path(id, NULL);
	int64_t deadline = clock_ms() + HUNT_MS;

	while (kill_makers(bundle) && clock_ms() < deadline)
		clock_sleep_ms(5);
}
