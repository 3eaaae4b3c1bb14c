/* SPDX-License-Identifier: MIT */
/*
 * Checks of instances that serve, from app.json: one whose liveness check fails is started
 * again, one whose readiness check fails gets no traffic until it passes.
 *
 * `davit tick` makes them once a minute.  An app whose check has a "wait" of less than that has a
 * small process of its own, `davit instance-watch APP`, which ends when nothing asks for it
 * any more, and is there again with the next tick when it died.
 */
#ifndef DAVIT_DEPLOY_LIVENESS_H
#define DAVIT_DEPLOY_LIVENESS_H

#include "plugin/plugin.h"
#include "store/release.h"

/* Make the checks of the app in the background, if its live release has any.  Only the
 * frequent ones where `tick` is not set. */
void liveness_start(struct store *st, const struct app *app, bool tick);

/* davit-instance-watch APP */
int liveness_on_watch(const struct plugin *self, struct trigger_call *call,
		      struct err *err);

#endif
