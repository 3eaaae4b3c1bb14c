/* SPDX-License-Identifier: MIT */
/* Are new instances fit to serve?  Found by asking them, never by a fixed wait. */
#ifndef DAVIT_DEPLOY_READY_H
#define DAVIT_DEPLOY_READY_H

#include "deploy/fleet.h"
#include "deploy/health.h"
#include "util/buf.h"

/*
 * Wait until every instance of the fleet is ready: web listens and passes the startup and
 * readiness checks of app.json; others are alive after their grace time.  -1: the cause, after the
 * failing instance's last lines have been shown.
 */
int ready_wait(struct fleet *f, struct err *err);

/* One attempt of a check at the only member of `f`, an instance that serves: 0, or READY_FAILS
 * and why. */
enum { READY_FAILS = 1 };
int ready_probe(const struct fleet *f, const struct health *h, struct buf *why,
		struct err *err);
/* Are the checks of this process type off, by checks:skip or checks:disable? */
int ready_is_off(const struct fleet *f, const char *process, bool *off, struct err *err);
/* By checks:disable? */
int ready_is_disabled(const struct fleet *f, const char *process, bool *disabled,
		      struct err *err);

#endif
