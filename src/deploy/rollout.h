/* SPDX-License-Identifier: MIT */
/*
 * From a release to what serves: new instances beside the old ones, checked, then one
 * switch, then the old ones drain in the background.  Until the switch a failure leaves
 * everything as it was.
 */
#ifndef DAVIT_DEPLOY_ROLLOUT_H
#define DAVIT_DEPLOY_ROLLOUT_H

#include "deploy/work.h"
#include "store/release.h"

struct rollout {
	struct work *w;
	const struct release *release;
	const char *only; /* one process type, or NULL: all */
	bool replace;     /* also instances that already run just this release */
	/* Written in the transaction that makes the release live, or NULL. */
	int (*also)(void *ctx, struct err *err);
	void *also_ctx;
};

/*
 * Make the release serve.  On success it is live in the store and w->switched is set; on
 * failure every new instance is gone again and the cause has been explained to the user.
 */
int rollout_run(const struct rollout *ro, struct err *err);

/* Stop all instances of an app at once (ps:stop, apps:destroy). */
int rollout_stop(struct store *st, const struct app *app, struct err *err);

#endif
