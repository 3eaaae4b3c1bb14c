/* SPDX-License-Identifier: MIT */
/*
 * The end of a push, when its process dies between the switch and git's own last step.
 *
 * git moves the branch after its hook has agreed; until then the objects lie in quarantine,
 * and are thrown away with a hook that died.  So they are kept before the switch, and the
 * move that is still to come is noted in the transaction that makes the release live.
 */
#ifndef DAVIT_DEPLOY_PUSHED_H
#define DAVIT_DEPLOY_PUSHED_H

#include "deploy/work.h"

/* In a push: link its objects into the repository, synced. */
int pushed_keep(const struct work *w, struct err *err);
/* In a push: note the move, in the caller's transaction. */
int pushed_note(const struct work *w, struct err *err);
/* Move the branch where the note says, if git has not; and sweep what a killed git left.
 * While a git is at work in the repository nothing is done. */
int pushed_mend(struct store *st, const struct app *app, struct err *err);
/* The same where no deploy of the app is at work: that one looks after it itself. */
int pushed_mend_idle(struct store *st, const struct app *app, struct err *err);

#endif
