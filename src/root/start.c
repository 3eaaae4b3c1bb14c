/* SPDX-License-Identifier: MIT */
#include "root/start.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/container.h"
#include "root/hook.h"
#include "root/launch.h"
#include "root/logs.h"
#include "root/pidfile.h"
#include "root/request.h"
#include "root/runtime.h"
#include "root/unit.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/proc.h"

#define CONMON    "/usr/bin/conmon"
#define CREATE_MS 30000
/* An app that writes without end must not fill its neighbours' disk: conmon begins the file
 * anew, for root alone to read until `list` or `state` mend it; the old one keeps its second name
 * (logs.h).  So lines are lost only where twice this is written within a minute. */
#define LOG_MAX "134217728"

static void pair(struct strv *argv, const char *flag, char *value)
{
	strv_add(argv, flag);
	strv_take(argv, value);
}

static int conmon_argv(const char *id, const char *log, bool hook, struct strv *argv,
		       struct err *err)
{
	const char *runtime;

	if (runtime_need(&runtime, err) < 0)
		return -1;
	strv_add(argv, CONMON);
	pair(argv, "--api-version", xstrdup("1"));
	pair(argv, "--cid", xstrdup(id));
	pair(argv, "--cuuid", xstrdup(id));
	pair(argv, "--name", xstrdup(id));
	pair(argv, "--runtime", xstrdup(runtime));
	pair(argv, "--bundle", container_path(id, NULL));
	pair(argv, "--container-pidfile", container_path(id, "pid"));
	pair(argv, "--conmon-pidfile", container_path(id, "conmon.pid"));
	pair(argv, "--exit-dir", container_path(id, "exit"));
	pair(argv, "--persist-dir", container_path(id, "persist"));
	pair(argv, "--log-path", xasprintf("k8s-file:%s", log));
	pair(argv, "--log-level", xstrdup("error"));
	pair(argv, "--log-size-max", xstrdup(LOG_MAX));
	strv_add(argv, "--full-attach");
	/* The hook would wait until the whole log is on the disk. */
	strv_add(argv, "--no-sync-log");
	strv_add(argv, "--no-new-keyring"); /* ours: see verb_start */
	pair(argv, "--runtime-arg", xstrdup("--root"));
	pair(argv, "--runtime-arg", xstrdup(RUNTIME_STATE));
	pair(argv, "--runtime-arg", xstrdup("--log"));
	pair(argv, "--runtime-arg", container_path(id, "runtime.log"));
	if (hook) {
		pair(argv, "--exit-command", xstrdup(HOOK_PROGRAM));
		pair(argv, "--exit-command-arg", xstrdup(HOOK_EXITED));
		pair(argv, "--exit-command-arg", xstrdup(id));
	}
	return 0;
}

/* The runtime's own words about a failed start, if it left any. */
static int say_why(const char *id, struct err *err)
{
	AUTO_FREE char *path = container_path(id, "runtime.log");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;

	if (fs_read(path, 1 << 20, &text, &ignored) == 0)
		strv_split(&lines, text.data, "\n");
	if (!lines.len)
		return err_set(err, ERR_HOST, "conmon could not start container %s", id);
	return err_set(err, ERR_HOST, "start container %s: %.700s", id,
		       lines.v[lines.len - 1]);
}

/* conmon answers {"data":PID}, or {"data":-1,"message":"…"}, on a pipe. */
static int read_answer(int fd, const char *id, struct err *err)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	json_t *answer;
	json_int_t pid;

	while (!memchr(line.data, '\n', line.len) && line.len < 65536)
		if (buf_read(&line, fd, 4096) <= 0)
			break;
	answer = json_loadb(line.data, line.len, JSON_DISABLE_EOF_CHECK, NULL);
	pid = json_integer_value(json_object_get(answer, "data"));
	json_decref(answer);
	return pid > 0 ? 0 : say_why(id, err);
}

/*
 * conmon runs, and the runtime is at work under it: now, and not when that is done, it leaves our
 * caller's group.  One that failed at once has left no file, and its answer says why.
 */
static int keep_apart(const char *id, struct err *err)
{
	AUTO_FREE char *path = container_path(id, "conmon.pid");
	struct err ignored;
	pid_t conmon;

	return pidfile_read(path, &conmon, &ignored) == 0 && kill(conmon, 0) == 0
		       ? cgroup_move(conmon, "/davit-mon", err)
		       : 0;
}

static int start_here(const struct strv *argv, const char *id, struct err *err)
{
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C.UTF-8", "_OCI_SYNCPIPE=3", NULL
	};
	AUTO_CLOSE int answer = -1;
	AUTO_CLOSE int theirs = -1;
	struct proc_end end;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, "pipe for conmon");
	answer = ends[0];
	theirs = ends[1];
	struct proc p = {
		.argv = strv_const(argv), .env = env, .pass = { theirs }, .pass_count = 1
	};

	if (proc_start(&p, &pid, err) < 0) {
		return access(CONMON, X_OK) < 0 ? err_hint(err, "apt-get install conmon")
						: -1;
	}
	close_now(&theirs);
	if (proc_wait(pid, &end, err) < 0 || keep_apart(id, err) < 0)
		return -1;
	return read_answer(answer, id, err);
}

static int await_pid_file(const char *id, struct err *err)
{
	AUTO_FREE char *path = container_path(id, "pid");
	AUTO_FREE char *conmon = container_path(id, "conmon.pid");
	int64_t deadline = clock_ms() + CREATE_MS;
	struct stat st;
	pid_t pid;

	while (stat(path, &st) < 0 || st.st_size == 0) {
		if (clock_ms() > deadline || pidfile_read(conmon, &pid, err) < 0 ||
		    kill(pid, 0) < 0)
			return say_why(id, err);
		clock_sleep_ms(1);
	}
	return 0;
}

static int start_in_unit(const struct strv *argv, const struct launch *l,
			 const char *unit, struct err *err)
{
	const char *id = l->c->id;
	AUTO_FREE char *path = container_path(id, "conmon.argv");
	AUTO_FREE char *text = strv_join(argv, "\n");
	AUTO_FREE char *pid_file = container_path(id, "conmon.pid");

	/* Every word is a path of ours or an id: none holds a newline. */
	if (fs_write_atomic(path, text, strlen(text), 0600, err) < 0 ||
	    unit_start(id, unit, pid_file, err) < 0)
		return -1;
	return await_pid_file(id, err);
}

int start_conmon_in_unit(const char *id, struct err *err)
{
	AUTO_FREE char *path = container_path(id, "conmon.argv");
	AUTO_FREE char *own = cgroup_of(getpid());
	AUTO_FREE char *mon = own ? xasprintf("%s/mon", own) : NULL;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv argv = STRV_INIT;

	if (!mon)
		return err_set(err, ERR_HOST, "no control group");
	if (fs_read(path, 65536, &text, err) != 0)
		return err_set(err, ERR_HOST, "cannot read %s", path);
	strv_split(&argv, text.data, "\n");
	if (cgroup_move(getpid(), mon, err) < 0)
		return -1;
	(void)execve(CONMON, argv.v, (char *const *)proc_plain_env);
	return err_sys(err, "cannot run %s", CONMON);
}

/* conmon runs and the container is created: note who they are, and let it go. */
static int begin(struct launch *l, struct err *err)
{
	const char *id = l->c->id;
	AUTO_FREE char *pid_file = container_path(id, "pid");
	AUTO_FREE char *conmon_file = container_path(id, "conmon.pid");
	pid_t pid;
	pid_t conmon;

	if (pidfile_read(pid_file, &pid, err) < 0 ||
	    pidfile_read(conmon_file, &conmon, err) < 0)
		return -1;
	container_note_process(l->state, "pid", pid);
	container_note_process(l->state, "conmon", conmon);
	(void)json_object_set_new(l->state, "since", json_integer(clock_now()));
	(void)json_object_set_new(l->state, "started",
				  json_integer((json_int_t)proc_start_time(pid)));
	if (container_save(id, l->state, err) < 0)
		return -1;
	if (runtime_call((const char *const[]){ "start", id, NULL }, err) < 0)
		return -1;
	fault_at("container:started");
	return 0;
}

static int start(struct launch *l, const char *log, const char *unit, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO_FREE char *path = NULL;
	int rc;

	if (logs_prepare(l->c->app, log, &path, err) < 0)
		return -1;
	(void)json_object_set_new(l->state, "log", json_string(path));
	(void)json_object_set_new(l->state, "log_made", json_string(path));
	if (unit)
		(void)json_object_set_new(l->state, "unit", json_string(unit));
	if (container_save(l->c->id, l->state, err) < 0 ||
	    conmon_argv(l->c->id, path, !unit, &argv, err) < 0)
		return -1;
	fault_at("conmon");
	rc = unit ? start_in_unit(&argv, l, unit, err) : start_here(&argv, l->c->id, err);
	fault_at("conmon:started");
	return rc < 0 ? -1 : begin(l, err);
}

/*
 * A fresh session keyring, of root.  One that the runtime makes for each container belongs to
 * the app's range, which may have 200: then no further instance of the app starts.  Nothing in a
 * container can use it, the calls for it are closed.
 */
static int fresh_keyring(struct err *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return err_sys(err, "session keyring");
	return 0;
}

int verb_start(const json_t *op, json_t *reply, struct err *err)
{
	static const char *const told[] = { "pid", "started" };
	AUTO(container_release) struct container c = { .id = NULL };
	AUTO_FREE char *group = NULL;
	AUTO_FREE char *unit = NULL;
	const char *log = NULL;
	struct launch_how how = { .kind = "start" };
	struct launch l;
	struct err ignored;
	int rc;

	if (container_parse(op, &c, err) < 0 || request_id(op, "log", &log, err) < 0 ||
	    request_bool(op, "again", false, &how.again, err) < 0)
		return -1;
	if (fresh_keyring(err) < 0)
		return -1;
	unit_for_start(c.id, &unit, &group);
	how.group = group;
	if (launch_prepare(&c, &how, &l, err) < 0)
		return -1;
	rc = start(&l, log, unit, err);
	for (size_t i = 0; rc == 0 && i < sizeof told / sizeof *told; i++)
		(void)json_object_set(reply, told[i], json_object_get(l.state, told[i]));
	if (rc == 0)
		(void)json_object_set_new(reply, "address", json_string(l.address));
	launch_release(&l);
	if (rc < 0)
		(void)container_destroy(c.id, &ignored);
	return rc;
}
