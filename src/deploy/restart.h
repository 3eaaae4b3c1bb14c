/* SPDX-License-Identifier: MIT */
/*
 * Instances that have a row and do not run are started again: each under its own name and
 * address, with the content of the live release, and traffic comes back to it when it answers.
 */
#ifndef DAVIT_DEPLOY_RESTART_H
#define DAVIT_DEPLOY_RESTART_H

#include "store/app.h"
#include "store/instance.h"
#include "util/out.h"

/* These rows of one app.  One that does not come up keeps no other from serving; it is told,
 * noted as crashed, and makes this -1. */
int restart_instances(struct store *st, struct out *out, const struct app *app,
		      const struct instances *list, struct err *err);
int restart_one(struct store *st, struct out *out, const struct app *app,
		struct instance *in, struct err *err);

#endif
