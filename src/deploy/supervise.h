/* SPDX-License-Identifier: MIT */
/*
 * Instances that ended by themselves: what the exit hook of each container calls, and the
 * look around that `davit tick` takes each minute for what no hook could tell.
 *
 * The policy (property ps/restart-policy) is "always", "unless-stopped", "no" or
 * "on-failure[:N]" (10).  The first restart is at once; then the pause doubles from one
 * second to five minutes.  An instance that ran for ten minutes starts counting anew.
 */
#ifndef DAVIT_DEPLOY_SUPERVISE_H
#define DAVIT_DEPLOY_SUPERVISE_H

#include "plugin/plugin.h"

/* davit-instance-exited ID CODE */
int supervise_on_exited(const struct plugin *self, struct trigger_call *call,
			struct err *err);
/* davit-instance-restart ID */
int supervise_on_restart(const struct plugin *self, struct trigger_call *call,
			 struct err *err);
/* davit-tick */
int supervise_on_tick(const struct plugin *self, struct trigger_call *call,
		      struct err *err);

/* Start every instance of an app that has a row but does not run (boot, recovery). */
int supervise_start_missing(struct store *st, struct out *out, const struct app *app,
			    struct err *err);

#endif
