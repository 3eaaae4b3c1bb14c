/* SPDX-License-Identifier: MIT */
#include "root/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "root/container.h"
#include "root/pidfile.h"
#include "root/request.h"
#include "util/cleanup.h"
#include "util/fault.h"

#define KILL_MS 10000

/* A descriptor of the container's first process, or -1 when it does not run.  Opened
 * before its start time is compared, so that it cannot be another process. */
static int open_process(const json_t *state)
{
	AUTO_CLOSE int fd = pidfd_open(
		(pid_t)json_integer_value(json_object_get(state, "pid")), 0);

	return fd >= 0 && container_alive(state, "pid") ? take_fd(&fd) : -1;
}

static bool wait_end(int process, long ms)
{
	struct pollfd p = { .fd = process, .events = POLLIN };

	while (poll(&p, 1, (int)ms) < 0)
		if (errno != EINTR)
			return false;
	return p.revents != 0;
}

int verb_signal(const json_t *op, json_t *reply, struct err *err)
{
	json_t *state = NULL;
	const char *id = NULL;
	long number = 0;
	int rc;

	(void)reply;
	if (request_id(op, "id", &id, err) < 0 ||
	    request_int(op, "signal", (struct request_range){ 1, 64, 0 }, &number, err) <
		    0)
		return -1;
	rc = container_load(id, &state, err);
	if (rc < 0)
		return -1;
	AUTO_CLOSE int process = rc == 0 ? open_process(state) : -1;

	json_decref(state);
	if (process < 0) {
		(void)err_set(err, ERR_REFUSED, "%s is not running", id);
		return err_hint(err, "davit ps:report APP");
	}
	if (pidfd_send_signal(process, (int)number, NULL, 0) < 0)
		return err_sys(err, "signal %s", id);
	return 0;
}

static int stop(const char *id, const json_t *state, long grace_ms, struct err *err)
{
	AUTO_CLOSE int process = open_process(state);

	if (process < 0)
		return 0;
	if (grace_ms && pidfd_send_signal(process, SIGTERM, NULL, 0) == 0 &&
	    wait_end(process, grace_ms))
		return 0;
	(void)pidfd_send_signal(process, SIGKILL, NULL, 0);
	if (!wait_end(process, KILL_MS))
		return err_set(err, ERR_HOST, "%s does not die", id);
	return 0;
}

int verb_stop(const json_t *op, json_t *reply, struct err *err)
{
	json_t *state = NULL;
	const char *id = NULL;
	long grace_ms = 0;
	int code = -1;
	int rc;

	if (request_id(op, "id", &id, err) < 0 ||
	    request_int(op, "grace_ms", (struct request_range){ 0, 86400000L, 0 },
			&grace_ms, err) < 0)
		return -1;
	rc = container_load(id, &state, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		/* The exit hook must see that this end was asked for. */
		(void)json_object_set_new(state, "stopping", json_true());
		rc = container_save(id, state, err);
		if (rc == 0)
			rc = stop(id, state, grace_ms, err);
		fault_at("stop:ended");
		code = pidfile_await_code(id, state);
		json_decref(state);
		if (rc < 0)
			return -1;
	}
	(void)json_object_set_new(reply, "code", json_integer(code));
	return container_destroy(id, err);
}

int verb_delete(const json_t *op, json_t *reply, struct err *err)
{
	const char *id = NULL;

	(void)reply;
	if (request_id(op, "id", &id, err) < 0)
		return -1;
	return container_destroy(id, err);
}
