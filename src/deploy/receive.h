/* SPDX-License-Identifier: MIT */
/* From a pushed revision to an image: source, hooks, builder. */
#ifndef DAVIT_DEPLOY_RECEIVE_H
#define DAVIT_DEPLOY_RECEIVE_H

#include "plugin/plugin.h"

/* The trigger receive-app: APP [REV]; without REV the tip of the deploy branch. */
int receive_on_receive_app(const struct plugin *self, struct trigger_call *call,
			   struct err *err);

/* davit-extract APP REV DIR: the tree that a build would see. */
int receive_on_extract(const struct plugin *self, struct trigger_call *call,
		       struct err *err);

#endif
