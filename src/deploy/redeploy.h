/* SPDX-License-Identifier: MIT */
/* Rolling out again what is built: after a change of config or formation, a restart. */
#ifndef DAVIT_DEPLOY_REDEPLOY_H
#define DAVIT_DEPLOY_REDEPLOY_H

#include "plugin/plugin.h"

/* release-and-deploy APP [TAG] [SOURCE]: a new release of the live image. */
int redeploy_on_release_and_deploy(const struct plugin *self, struct trigger_call *call,
				   struct err *err);
/* deploy APP [TAG] [PROC]: the live release again, with new instances. */
int redeploy_on_deploy(const struct plugin *self, struct trigger_call *call,
		       struct err *err);
/* scheduler-stop SCHEDULER APP [REMOVE] */
int redeploy_on_stop(const struct plugin *self, struct trigger_call *call,
		     struct err *err);
/* scheduler-is-deployed SCHEDULER APP */
int redeploy_on_is_deployed(const struct plugin *self, struct trigger_call *call,
			    struct err *err);

#endif
