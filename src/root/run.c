/* SPDX-License-Identifier: MIT */
#include "root/run.h"

#include <linux/ioprio.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/container.h"
#include "root/extract.h"
#include "root/hostfiles.h"
#include "root/launch.h"
#include "root/layer.h"
#include "root/oci.h"
#include "root/pidfile.h"
#include "root/protocol.h"
#include "root/request.h"
#include "root/runtime.h"
#include "root/session.h"
#include "root/tree.h"
#include "root/unit.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/paths.h"

#define DAY_S 86400L

/* What becomes a layer after a good end. */
struct seal {
	const char *layer; /* NULL = nothing */
	struct buf path;   /* relative; "" = all */
};

static int take_timeout(const json_t *op, long *seconds, struct err *err)
{
	return request_int(op, "timeout_s", (struct request_range){ 0, 20 * DAY_S, 0 },
			   seconds, err);
}

static int parse_seal(const json_t *op, struct seal *s, struct err *err)
{
	const json_t *one = json_object_get(op, "seal");
	const char *path = NULL;

	if (!one || json_is_null(one))
		return 0;
	if (!json_is_object(one))
		return err_set(err, ERR_USAGE, "field seal: not an object");
	if (request_fields(one, "layer path", err) < 0 ||
	    request_id(one, "layer", &s->layer, err) < 0 ||
	    request_path(one, "path", &path, err) < 0)
		return -1;
	return extract_name(path + 1, &s->path, err);
}

static int seal(const struct launch *l, const struct seal *s, json_t *reply,
		struct err *err)
{
	AUTO(strv_release) struct strv skip = STRV_INIT;
	int64_t bytes = 0;

	hostfiles_targets(l->c, &skip);
	struct tree_copy copy = { .from = l->root.upper_fd,
				  .mergeable = strcmp(l->c->app, STACK_APP) == 0,
				  .only = s->path.data,
				  .skip = strv_const(&skip) };
	struct layer_fill fill = { .user_fd = l->user_fd,
				   .keep = l->root.upper_fd,
				   .work = tree_copy,
				   .ctx = &copy };

	if (layer_make(DAVIT_ROOT_DIR "/layers", s->layer, &fill, &bytes, err) < 0)
		return err_context(err, "seal layer %s", s->layer);
	(void)json_object_set_new(reply, "bytes", json_integer(bytes));
	return 0;
}

/* Start a process with the runtime's `run` or `exec`, and stay with it. */
static int attach(struct strv *args, const char *pid_file, bool tty, struct session *s,
		  struct err *err)
{
	AUTO_CLOSE int listener = -1;
	char path[64] = "";
	int rc;

	s->master = -1;
	if (session_adopt(err) < 0 ||
	    (tty && session_console_open(path, &listener, err) < 0))
		return -1;
	if (tty) {
		strv_insert(args, 1, "--console-socket");
		strv_insert(args, 2, path);
	}
	rc = tty ? runtime_call(strv_const(args), err)
		 : runtime_call_foreground(strv_const(args), err);
	if (rc == 0 && tty)
		rc = session_console_take(listener, &s->master, err);
	if (tty)
		(void)unlink(path);
	if (rc == 0)
		rc = pidfile_read(pid_file, &s->pid, err);
	return rc;
}

static int run_prepared(struct launch *l, long timeout_s, struct session_end *end,
			struct err *err)
{
	const struct container *c = l->c;
	AUTO(strv_release) struct strv args = STRV_INIT;
	AUTO_FREE char *bundle = container_path(c->id, NULL);
	AUTO_FREE char *pid_file = container_path(c->id, "pid");
	struct session s = { .timeout_ms = (int)(timeout_s * 1000) };
	int rc;

	strv_add(&args, "run");
	strv_add(&args, "--detach");
	strv_add(&args, "--bundle");
	strv_add(&args, bundle);
	strv_add(&args, "--pid-file");
	strv_add(&args, pid_file);
	strv_add(&args, c->id);
	fault_at("run");
	if (attach(&args, pid_file, c->tty, &s, err) < 0)
		return err_context(err, "start container %s", c->id);
	fault_at("run:started");
	container_note_process(l->state, "pid", s.pid);
	rc = container_save(c->id, l->state, err);
	if (rc == 0)
		rc = session_wait(&s, end, err);
	close_now(&s.master);
	fault_at("run:ended");
	return rc;
}

static int run(struct launch *l, const struct seal *s, long timeout_s, json_t *reply,
	       struct err *err)
{
	const char *group = json_string_value(json_object_get(l->state, "cgroup"));
	struct session_end end = { .code = -1 };

	if (run_prepared(l, timeout_s, &end, err) < 0)
		return -1;
	if (end.cancelled)
		return err_set(err, ERR_REFUSED, "cancelled");
	(void)json_object_set_new(reply, "code", json_integer(end.code));
	(void)json_object_set_new(reply, "timed_out", json_boolean(end.timed_out));
	(void)json_object_set_new(reply, "oom",
				  json_boolean(cgroup_oom_kills(group) > 0));
	return s->layer && end.code == 0 ? seal(l, s, reply, err) : 0;
}

/*
 * A build waits for every other disk request, by a class that all it starts inherits; its
 * share of the processors is in the cgroup.  A kernel that knows no classes is no reason
 * to fail.
 */
static void set_io_class(enum policy_profile profile)
{
	bool idle = profile != PROFILE_APP;

	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      idle ? IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)
			   : IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0));
}

int verb_run(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(container_release) struct container c = { .id = NULL };
	AUTO_FREE char *group = NULL;
	struct seal s = { .path = BUF_INIT };
	struct launch l;
	struct err ignored;
	long timeout_s = 0;
	int rc;

	if (container_parse(op, &c, err) < 0 ||
	    request_bool(op, "tty", false, &c.tty, err) < 0 ||
	    take_timeout(op, &timeout_s, err) < 0 || parse_seal(op, &s, err) < 0 ||
	    unit_for_run(c.id, &group, err) < 0) {
		buf_release(&s.path);
		return -1;
	}
	rc = launch_prepare(&c, &(struct launch_how){ .kind = "run", .group = group }, &l,
			    err);
	if (rc == 0) {
		set_io_class(c.profile);
		rc = run(&l, &s, timeout_s, reply, err);
		set_io_class(PROFILE_APP);
		launch_release(&l);
		if (container_destroy(c.id, rc < 0 ? &ignored : err) < 0)
			rc = -1;
	}
	buf_release(&s.path);
	return rc;
}

/* The process that `exec` starts, as a file for the runtime. */
static int write_process(const struct container *c, const char *path, struct err *err)
{
	AUTO_FREE char *bundle = container_path(c->id, "config.json");
	json_t *config = json_load_file(bundle, 0, NULL);
	json_t *rlimits = json_object_get(json_object_get(config, "process"), "rlimits");
	json_t *process = oci_process(c);
	int rc;

	/* Those that the container itself was started with. */
	if (rlimits)
		(void)json_object_set(process, "rlimits", rlimits);
	rc = process ? json_dump_file(process, path, JSON_COMPACT) : -1;
	json_decref(config);
	json_decref(process);
	return rc < 0 ? err_set(err, ERR_HOST, "cannot write %s", path) : 0;
}

static int exec(const struct container *c, long timeout_s, json_t *reply, struct err *err)
{
	AUTO(strv_release) struct strv args = STRV_INIT;
	AUTO_FREE char *process = xasprintf(DAVIT_RUN_DIR "/build/exec.%d",
					    (int)getpid());
	AUTO_FREE char *pid_file = xasprintf("%s.pid", process);
	struct session s = { .group = true, .timeout_ms = (int)(timeout_s * 1000) };
	struct session_end end = { .code = -1 };
	int rc;

	strv_add(&args, "exec");
	strv_add(&args, "--detach");
	strv_add(&args, "--process");
	strv_add(&args, process);
	strv_add(&args, "--pid-file");
	strv_add(&args, pid_file);
	strv_add(&args, c->id);
	rc = write_process(c, process, err);
	if (rc == 0)
		rc = attach(&args, pid_file, c->tty, &s, err);
	(void)unlink(process);
	(void)unlink(pid_file);
	if (rc == 0)
		rc = session_wait(&s, &end, err);
	if (rc == 0) {
		(void)json_object_set_new(reply, "code", json_integer(end.code));
		(void)json_object_set_new(reply, "timed_out",
					  json_boolean(end.timed_out));
	}
	return rc;
}

int verb_exec(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(container_release) struct container c = { .id = NULL };
	json_t *state = NULL;
	long timeout_s = 0;
	int rc;

	if (container_parse_exec(op, &c, err) < 0 ||
	    take_timeout(op, &timeout_s, err) < 0)
		return -1;
	rc = container_load(c.id, &state, err);
	if (rc == 0 && !container_alive(state, "pid"))
		rc = CONTAINER_ABSENT;
	if (rc == CONTAINER_ABSENT) {
		(void)err_set(err, ERR_REFUSED, "%s is not running", c.id);
		rc = err_hint(err, "davit ps:report APP");
	}
	json_decref(state);
	return rc < 0 ? -1 : exec(&c, timeout_s, reply, err);
}
