/* SPDX-License-Identifier: MIT */
/*
 * Releases made of what is there: an earlier one of the same app, or the live one of
 * another.  Nothing is built and nothing is fetched.
 */
#ifndef DAVIT_DEPLOY_ROLLBACK_H
#define DAVIT_DEPLOY_ROLLBACK_H

#include "plugin/plugin.h"

/* davit-rollback APP NUMBER all|code|config */
int rollback_on_rollback(const struct plugin *self, struct trigger_call *call,
			 struct err *err);
/* davit-promote FROM TO: the artifact of FROM with the config and formation of TO. */
int rollback_on_promote(const struct plugin *self, struct trigger_call *call,
			struct err *err);

#endif
