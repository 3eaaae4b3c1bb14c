/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "plugin/plugin.h"
#include "plugins/builds/builds.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { PATIENCE_MS = 5000, POLL_MS = 10 };

/* The build's own program; davit-root undoes what it had begun when that is gone. */
static int end_process(const struct deploy *d, struct err *err)
{
	int64_t deadline = clock_ms() + PATIENCE_MS;

	if (kill(d->pid, SIGTERM) < 0 && errno != ESRCH)
		return err_sys(err, "end process %d", d->pid);
	while (builds_is_running(d)) {
		if (clock_ms() > deadline) {
			(void)kill(d->pid, SIGKILL);
			deadline = clock_ms() + PATIENCE_MS;
		}
		clock_sleep_ms(POLL_MS);
	}
	return 0;
}

/*
 * Undo what it had begun.  Whoever else was told of its end (the push itself, a tick) may be
 * at that already and holds the app's lock: the row is closed when it is done.
 */
static int clear_up(struct request *req, struct deploy *d, struct err *err)
{
	struct out quiet = { .quiet = true };
	int64_t deadline = clock_ms() + 2 * PATIENCE_MS;

	for (;;) {
		int rc = trigger(req->st, &quiet, err, TRIGGER_RECOVER, req->app.name,
				 NULL);

		if (builds_find(req, d->public_id, d, err) < 0)
			return -1;
		if (d->finished_at)
			return 0;
		if (clock_ms() > deadline) {
			if (rc == 0)
				(void)err_set(err, ERR_REFUSED,
					      "build %s has ended, but is not undone yet",
					      d->public_id);
			return err_hint(err, "davit recover %s undoes it", req->app.name);
		}
		clock_sleep_ms(POLL_MS);
	}
}

/* Returns STORE_NO_ROW where there is nothing to cancel. */
static int find_open(struct request *req, struct deploy *d, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;

	if (req->argc > 1)
		return builds_find(req, req->argv[1], d, err);
	if (deploy_open(req->st, req->app.id, &open, err) < 0)
		return -1;
	if (!open.len) {
		out_step(req->out, "App not currently deploying");
		return STORE_NO_ROW;
	}
	*d = open.v[0];
	return 0;
}

int builds_cmd_cancel(struct request *req, struct err *err)
{
	struct deploy d;
	int rc = find_open(req, &d, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (d.finished_at) {
		(void)err_set(err, ERR_REFUSED, "build %s is over: %s", d.public_id,
			      d.state);
		return err_hint(err, "davit releases:rollback %s undoes a release",
				req->app.name);
	}
	if (end_process(&d, err) < 0 || clear_up(req, &d, err) < 0)
		return -1;
	if (strcmp(d.state, "succeeded") == 0) {
		out_step(req->out, "Build %s had switched already: its release serves",
			 d.public_id);
		return 0;
	}
	(void)snprintf(d.state, sizeof d.state, "canceled");
	if (deploy_update(req->st, &d, err) < 0)
		return -1;
	out_step(req->out, "Build %s is canceled", d.public_id);
	return 0;
}
