/* SPDX-License-Identifier: MIT */
/* Are new instances fit to serve?  Found by asking them, never by a fixed wait. */
#ifndef DAVIT_DEPLOY_READY_H
#define DAVIT_DEPLOY_READY_H

#include "deploy/fleet.h"

/*
 * Wait until every instance of the fleet is ready: web listens and passes the startup
 * checks of app.json; others are alive after their grace time.  -1: the cause, after the
 * failing instance's last lines have been shown.
 */
int ready_wait(struct fleet *f, struct err *err);

#endif
