/* SPDX-License-Identifier: MIT */
/* Old releases beyond those kept, and the layers that only they used. */
#ifndef DAVIT_DEPLOY_PRUNE_H
#define DAVIT_DEPLOY_PRUNE_H

#include "store/app.h"
#include "util/out.h"

/* Keep the newest releases (property releases/keep, 20); failures only warn. */
void prune_app(struct store *st, const struct app *app, struct out *out);

#endif
