/* SPDX-License-Identifier: MIT */
/* The pipeline as a plugin: first in the order, and reached by its triggers only. */
#include "plugin/plugin.h"

#include "deploy/checkup.h"
#include "deploy/export.h"
#include "deploy/liveness.h"
#include "deploy/receive.h"
#include "deploy/recover.h"
#include "deploy/redeploy.h"
#include "deploy/retire.h"
#include "deploy/rollback.h"
#include "deploy/supervise.h"
#include "plugin/heavy.h"

const struct plugin plugin_deploy = {
	.name = "00_dokku-standard",
	.on = {
		[TRIGGER_RECEIVE_APP] = HEAVY_HANDLER(receive_on_receive_app),
		[TRIGGER_RELEASE_AND_DEPLOY] = redeploy_on_release_and_deploy,
		[TRIGGER_DEPLOY] = redeploy_on_deploy,
		[TRIGGER_SCHEDULER_STOP] = redeploy_on_stop,
		[TRIGGER_SCHEDULER_IS_DEPLOYED] = redeploy_on_is_deployed,
		[TRIGGER_INSTANCE_EXITED] = supervise_on_exited,
		[TRIGGER_INSTANCE_RESTART] = supervise_on_restart,
		[TRIGGER_INSTANCE_RETIRE] = retire_on_retire,
		[TRIGGER_INSTANCE_WATCH] = liveness_on_watch,
		[TRIGGER_TICK] = supervise_on_tick,
		[TRIGGER_RECOVER] = recover_on_recover,
		[TRIGGER_ROLLBACK] = rollback_on_rollback,
		[TRIGGER_PROMOTE] = rollback_on_promote,
		[TRIGGER_EXTRACT] = HEAVY_HANDLER(receive_on_extract),
		[TRIGGER_CHECKS_RUN] = checkup_on_run,
		[TRIGGER_EXPORT] = HEAVY_HANDLER(export_on_export),
		[TRIGGER_IMPORT] = HEAVY_HANDLER(import_on_import),
		[TRIGGER_RESTORE] = recover_on_restore,
	},
	.essential = true,
};
