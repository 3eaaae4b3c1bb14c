/* SPDX-License-Identifier: MIT */
/*
 * An instance has ended: what the restart policy says of it, and how it is told.
 *
 * The policy (property ps/restart-policy) is "always", "unless-stopped", "no" or
 * "on-failure[:N]" (10).  The first restart is at once; then the pause doubles from one
 * second to five minutes.  An instance that ran for ten minutes starts counting anew.
 */
#ifndef DAVIT_DEPLOY_CRASH_H
#define DAVIT_DEPLOY_CRASH_H

#include "runtime/logline.h"
#include "store/app.h"
#include "store/instance.h"

/* Fill in how it ended. */
void crash_describe(struct instance *in, int code, bool oom);
/*
 * From `from` to crashed, with the moment of the next start; an event, and a line in the
 * app's log.  STORE_NO_ROW when somebody else has dealt with it.
 */
int crash_note(struct store *st, const struct app *app, struct instance *in,
	       enum instance_state from, struct err *err);
/* A line in the app's log about this instance. */
void crash_tell(struct store *st, const struct instance *in, enum log_level level,
		const char *what);

/* Does the policy ever restart anything? */
int crash_may_restart(struct store *st, const struct app *app, bool *may,
		      struct err *err);
/* It fails a check, as exit_why says, and is left as it is. */
void crash_unfit(struct store *st, const struct app *app, const struct instance *in);

#endif
