/* SPDX-License-Identifier: MIT */
/*
 * Instances that ended by themselves: what the exit hook of each container calls, and the
 * look around that `davit tick` takes each minute for what no hook could tell.
 */
#ifndef DAVIT_DEPLOY_SUPERVISE_H
#define DAVIT_DEPLOY_SUPERVISE_H

#include <jansson.h>

#include "plugin/plugin.h"
#include "store/instance.h"

/* davit-instance-exited ID CODE [KILLS OOM ROUTED] (root/hook.h, which does not call while the
 * host goes down) */
int supervise_on_exited(const struct plugin *self, struct trigger_call *call,
			struct err *err);
/* davit-instance-restart ID */
int supervise_on_restart(const struct plugin *self, struct trigger_call *call,
			 struct err *err);
/* davit-tick */
int supervise_on_tick(const struct plugin *self, struct trigger_call *call,
		      struct err *err);

/*
 * An instance that serves fails its liveness check, as `why` says: it is stopped and, as after
 * a crash, started again.  With restart-policy "no" it is only told.
 */
int supervise_unfit(struct store *st, struct out *out, const struct app *app,
		    struct instance *in, const char *why, struct err *err);

/* What davit-root says of every container, by id; and whether one runs by it. */
int supervise_look_around(json_t **by_id, struct err *err);
bool supervise_runs(const json_t *by_id, const struct instance *in);

/* Start every instance of an app that has a row but does not run (boot, recovery). */
int supervise_start_missing(struct store *st, struct out *out, const struct app *app,
			    struct err *err);

#endif
