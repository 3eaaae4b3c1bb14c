/* SPDX-License-Identifier: MIT */
/*
 * What was interrupted is completed or undone.  A deploy whose process is gone either had
 * its release recorded as live, then only its old instances are still to be retired; or
 * not, then traffic goes back to what the store says is ready and the rest is removed.
 */
#ifndef DAVIT_DEPLOY_RECOVER_H
#define DAVIT_DEPLOY_RECOVER_H

#include "deploy/work.h"
#include "plugin/plugin.h"

/* Deploys of one app (STORE_GLOBAL: of all) whose process is gone. */
int recover_interrupted(struct store *st, struct out *out, int64_t app_id,
			struct err *err);
/* What dead helpers left on the host; files of nginx that they half wrote are rendered. */
int recover_host(struct store *st, struct out *out, struct err *err);
/* The same before this run of the app, whose lock is held. */
int recover_before(struct work *w, struct err *err);
/* One app, whether or not a deploy of it was cut short; unless one is at work. */
int recover_app(struct store *st, struct out *out, const struct app *app,
		struct err *err);
/* davit-recover [APP] */
int recover_on_recover(const struct plugin *self, struct trigger_call *call,
		       struct err *err);
/* davit-restore [APP]: after a boot, everything that ran runs again. */
int recover_on_restore(const struct plugin *self, struct trigger_call *call,
		       struct err *err);

#endif
