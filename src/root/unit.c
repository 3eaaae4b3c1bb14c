/* SPDX-License-Identifier: MIT */
#include "root/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/hook.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/proc.h"

#define WAIT_MS 5000

/* A scope around this process, by the bus: busctl is part of systemd. */
static int make_scope(const char *name, struct err *err)
{
	AUTO_FREE char *pid = xasprintf("%d", (int)getpid());
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc_end end;
	const char *const argv[] = { "/usr/bin/busctl",
				     "call",
				     "org.freedesktop.systemd1",
				     "/org/freedesktop/systemd1",
				     "org.freedesktop.systemd1.Manager",
				     "StartTransientUnit",
				     "ssa(sv)a(sa(sv))",
				     name,
				     "fail",
				     "4",
				     "PIDs",
				     "au",
				     "1",
				     pid,
				     "Delegate",
				     "b",
				     "true",
				     "Slice",
				     "s",
				     "davit.slice",
				     "CollectMode",
				     "s",
				     "inactive-or-failed",
				     "0",
				     NULL };
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .flags = PROC_MERGE,
			  .out = &said,
			  .timeout_ms = 2 * WAIT_MS };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	buf_chomp(&said);
	if (end.code)
		return err_set(err, ERR_HOST, "systemd: %s", said.data);
	return 0;
}

/* systemd moves us a little after it answered. */
static int await_group(const char *group, struct err *err)
{
	int64_t deadline = clock_ms() + WAIT_MS;

	while (clock_ms() < deadline) {
		AUTO_FREE char *now = cgroup_of(getpid());

		if (now && strcmp(now, group) == 0)
			return 0;
		clock_sleep_ms(2);
	}
	return err_set(err, ERR_HOST, "systemd did not make %s", group);
}

int unit_for_run(const char *id, char **group, struct err *err)
{
	if (!cgroup_has_systemd()) {
		*group = xasprintf("/davit/%s", id);
		return 0;
	}
	AUTO_FREE char *name = xasprintf("davit-%s-%d.scope", id, (int)getpid());
	AUTO_FREE char *own = xasprintf("/davit.slice/%s", name);
	AUTO_FREE char *mon = xasprintf("%s/mon", own);

	if (make_scope(name, err) < 0 || await_group(own, err) < 0 ||
	    cgroup_move(getpid(), mon, err) < 0)
		return -1;
	*group = xasprintf("%s/c", own);
	return 0;
}

void unit_for_start(const char *id, char **unit, char **group)
{
	if (!cgroup_has_systemd()) {
		*unit = NULL;
		*group = xasprintf("/davit/%s", id);
		return;
	}
	/* A new name each time: the old unit may still be running its ExecStopPost. */
	*unit = xasprintf("davit-%s-%lld.service", id, (long long)clock_ms());
	*group = xasprintf("/davit.slice/%s/c", *unit);
}

int unit_start(const char *id, const char *unit, const char *pid_file, struct err *err)
{
	static const char program[] = HOOK_PROGRAM;
	AUTO_FREE char *unit_arg = xasprintf("--unit=%s", unit);
	AUTO_FREE char *pid_arg = xasprintf("PIDFile=%s", pid_file);
	AUTO_FREE char *hook = xasprintf("ExecStopPost=%s %s %s", HOOK_PROGRAM,
					 HOOK_EXITED, id);
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc_end end;
	const char *const argv[] = { "/usr/bin/systemd-run",
				     "--quiet",
				     "--slice=davit.slice",
				     unit_arg,
				     "-p",
				     "Type=forking",
				     "-p",
				     pid_arg,
				     "-p",
				     "Delegate=yes",
				     "-p",
				     "KillMode=control-group",
				     "-p",
				     "Restart=no",
				     "-p",
				     "TimeoutStopSec=60",
				     "-p",
				     "CollectMode=inactive-or-failed",
				     "-p",
				     hook,
				     program,
				     HOOK_CONMON,
				     id,
				     NULL };
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .flags = PROC_MERGE,
			  .out = &said,
			  .timeout_ms = 60000 };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	buf_chomp(&said);
	if (end.code) {
		(void)err_set(err, ERR_HOST, "systemd: %.700s", said.data);
		return err_hint(err, "journalctl -u %s", unit);
	}
	return 0;
}
