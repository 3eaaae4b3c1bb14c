/* SPDX-License-Identifier: MIT */
/*
 * One run of the pipeline: what every stage needs to know, filled by work_start() and
 * closed by work_end(), which writes the result and drops the lock.
 */
#ifndef DAVIT_DEPLOY_WORK_H
#define DAVIT_DEPLOY_WORK_H

#include "store/app.h"
#include "store/deploy.h"
#include "util/err.h"
#include "util/out.h"

struct work {
	struct store *st;
	struct out *out;
	struct app app;
	struct deploy row;
	int lock_fd;   /* -1: not held */
	int slot_fd;   /* of the builds that run side by side; -1: none */
	int cancel_fd; /* readable or hung up: the client is gone; 0 = nobody can cancel */
	bool switched; /* the new release serves: nothing cancels any more */
	bool owns_log; /* out->log_fd was opened here */
	bool apart;    /* warnings went to stderr before this run */
	char log_path[512];
};

/*
 * Enter the queue for an app and wait for the lock.  `kind` and `source` as in struct
 * deploy.  From here on all output goes to the deploy's log as well.
 */
int work_start(struct work *w, const char *kind, const char *source, const char *revision,
	       struct err *err);
/* Record the result (rc 0 or -1 with *err) and let the next one in. */
void work_end(struct work *w, int rc, const struct err *err);

/*
 * Every stage notes its step before and after: source, extracted, build, built, release,
 * released, release-commands, commands-ran, rollout, started, switch, switched.  Recovery
 * completes what is switched and undoes the rest.
 */
/* A step begins.  -1 when cancelled. */
int work_step(struct work *w, const char *step, struct err *err);
/* A step is done: nothing can be cancelled here. */
int work_done(struct work *w, const char *step, struct err *err);
/* Has the client gone away, with nothing switched yet? */
bool work_cancelled(const struct work *w);
/* Name of the person behind this run. */
const char *work_author(void);

#endif
