/* SPDX-License-Identifier: MIT */
/* The minute timer, what a boot starts, and the clock. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/doctor/doctor.h"
#include "store/event.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/host.h"
#include "util/paths.h"
#include "util/proc.h"

#define UNITS "/etc/systemd/system/"
#define CRON  "/etc/cron.d/davit"

/* 2026-01-01: before that this davit was not. */
enum { LATE_S = 300, EPOCH_S = 1767225600, AHEAD_S = 600 };

static bool has_systemd(void)
{
	return fs_is_dir("/run/systemd/system");
}

static bool enabled(const char *target, const char *unit)
{
	AUTO_FREE char *path = xasprintf(UNITS "%s.wants/%s", target, unit);
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The process whose number the file holds. */
static bool lives(const char *pid_file)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct err ignored;

	return fs_read(pid_file, 64, &text, &ignored) == 0 &&
	       proc_start_time((pid_t)strtol(text.data, NULL, 10)) != 0;
}

static bool has_timer(void)
{
	AUTO_FREE char *loop = paths_in(paths_run(), "loop.lock");

	if (has_systemd())
		return enabled("timers.target", "davit-tick.timer");
	return (fs_exists(CRON) && lives("/run/crond.pid")) || lives(loop);
}

char *doctor_tick_path(void)
{
	return paths_in(paths_run(), "davit/ticked");
}

void doctor_check_tick(struct doctor *d)
{
	AUTO_FREE char *path = doctor_tick_path();
	AUTO_FREE char *start = xasprintf("%s/davit-boot start", paths_libexec());
	const char *cure = has_systemd() ? "systemctl enable --now davit-tick.timer"
					 : start;
	struct stat st;
	int64_t ago;

	if (!has_timer()) {
		doctor_found(d, WARNING, cure,
			     "nothing runs davit tick each minute: what crashes stays "
			     "down, what is due is not done");
		return;
	}
	if (stat(path, &st) < 0)
		return; /* not a minute ago since this davit came, or the boot */
	ago = clock_now() - st.st_mtim.tv_sec;
	if (ago > LATE_S)
		doctor_found(d, WARNING, cure, "davit tick has not run for %lld minutes",
			     (long long)ago / 60);
}

static void check_stopping(struct doctor *d)
{
	AUTO_FREE char *mark = host_stopping_mark();
	AUTO_FREE char *start = xasprintf("%s/davit-boot start", paths_libexec());

	if (fs_exists(mark))
		doctor_found(d, WARNING, start,
			     "this host is said to go down: what ends is not started "
			     "again");
}

/* Without systemd and without cron it is a container, whose entry point starts us. */
void doctor_check_boot(struct doctor *d)
{
	static const struct {
		const char *what;
		const char *target;
		const char *units[2]; /* one of them */
	} wanted[] = {
		{ "the apps", "multi-user.target", { "davit-restore.service", NULL } },
		{ "nginx", "multi-user.target", { "nginx.service", NULL } },
		{ "sshd", "multi-user.target", { "ssh.service", "sshd.service" } },
	};

	check_stopping(d);
	if (!has_systemd()) {
		if (!fs_exists(CRON))
			doctor_found(d, NOTE, "make install",
				     "nothing starts the apps at a boot");
		return;
	}
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		const char *const *u = wanted[i].units;
		AUTO_FREE char *cure = xasprintf("systemctl enable %s", u[0]);

		if (!enabled(wanted[i].target, u[0]) &&
		    !(u[1] && enabled(wanted[i].target, u[1])) &&
		    !enabled("sockets.target", "ssh.socket"))
			doctor_found(d, WARNING, cure, "a boot does not start %s",
				     wanted[i].what);
	}
}

void doctor_check_clock(struct doctor *d)
{
	static const char cure[] = "timedatectl set-ntp true; date";
	int64_t newest = 0;
	struct err err;

	if (clock_now() < EPOCH_S) {
		doctor_found(d, FAULT, cure, "the clock of this host is years behind");
		return;
	}
	if (event_newest(d->st, &newest, &err) == 0 && newest > clock_now() + AHEAD_S)
		doctor_found(d, WARNING, cure,
			     "the clock went back: the last event is %lld minutes ahead",
			     (long long)(newest - clock_now()) / 60);
}
