/* SPDX-License-Identifier: MIT */
/*
 * One app after a run that was cut short, under the app's lock: its instances are what the
 * store says, traffic goes to those that are ready, its proxy files are the live release's,
 * its branch is at what serves, and nothing that the run made is left.
 */
#ifndef DAVIT_DEPLOY_MEND_H
#define DAVIT_DEPLOY_MEND_H

#include "plugin/plugin.h"
#include "store/app.h"

/*
 * Instances whose maker is gone: new ones are to be drained (*draining), what was being
 * started again has crashed.
 */
int mend_starting(struct store *st, const struct app *app, bool *draining,
		  struct err *err);
int mend_app(struct store *st, struct out *out, const struct app *app, struct err *err);

#endif
