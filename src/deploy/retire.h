/* SPDX-License-Identifier: MIT */
/*
 * The end of instances that were replaced: web ones get their SIGTERM when their last
 * connection is done or the time to drain is over, others at once; then the stop timeout;
 * then SIGKILL.
 */
#ifndef DAVIT_DEPLOY_RETIRE_H
#define DAVIT_DEPLOY_RETIRE_H

#include "plugin/plugin.h"

/* Start `davit instance-retire APP`, which outlives us. */
int retire_in_background(const char *app, struct err *err);

/* Stop every draining instance of the app and wait for it; `now` skips the draining. */
int retire_all(struct store *st, const struct app *app, bool now, struct err *err);

/* How long an instance of the app may take to end after its SIGTERM, in seconds. */
int retire_grace(struct store *st, const struct app *app, long *grace, struct err *err);

/* davit-instance-retire APP */
int retire_on_retire(const struct plugin *self, struct trigger_call *call,
		     struct err *err);

#endif
