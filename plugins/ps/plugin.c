/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/ps/ps.h"

#define EACH_USAGE "[--parallel <n>] <app|--all>"
#define EACH_FLAGS "all parallel="

static const struct command commands[] = {
	COMMAND("ps:inspect", ROLE_VIEWER, SCOPE_APP, ps_cmd_inspect,
		"print the instances of an app as JSON", .usage = "<app>",
		.args = { 0, 0 }),
	HEAVY_COMMAND("ps:rebuild", ROLE_DEPLOYER, SCOPE_APP_OR_ALL, ps_cmd_rebuild,
		      "build the deployed code again and deploy it", .usage = EACH_USAGE,
		      .flags = EACH_FLAGS, .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("ps:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, ps_cmd_report,
		"report state and settings of processes", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("ps:restart", ROLE_DEPLOYER, SCOPE_APP_OR_ALL, ps_cmd_restart,
		"replace the instances of the live release by new ones",
		.usage = "[--parallel <n>] <app|--all> [<process-type>]",
		.flags = EACH_FLAGS, .args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("deploy", ROLE_DEPLOYER, SCOPE_APP, ps_cmd_deploy,
		"roll the live release out again", .usage = "<app> [<tag>] [<type>]",
		.args = { 0, 2 }, .needs = NEEDS_WRITE | HIDDEN),
	COMMAND("ps:retire", ROLE_ADMIN, SCOPE_APP_OR_ALL, ps_cmd_retire,
		"stop what has been replaced and has drained", .usage = "[<app>]",
		.args = { 0, 0 }, .needs = NEEDS_WRITE | HIDDEN | QUIET_EVENT),
	COMMAND("ps:scale", ROLE_DEPLOYER, SCOPE_APP, ps_cmd_scale,
		"show or change how many instances each process type has",
		.usage = "[--skip-deploy] [--strict] [--format stdout|json] <app> "
			 "[<process-type>=<n>...]",
		.flags = "skip-deploy strict format=", .args = { 0, -1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("ps:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, ps_cmd_set,
		"set restart-policy, stop-timeout-seconds or procfile-path",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMAND("ps:start", ROLE_DEPLOYER, SCOPE_APP_OR_ALL, ps_cmd_start,
		"start an app that ps:stop stopped", .usage = EACH_USAGE,
		.flags = EACH_FLAGS, .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("ps:stop", ROLE_DEPLOYER, SCOPE_APP_OR_ALL, ps_cmd_stop,
		"stop an app; it stays stopped until ps:start or a deploy",
		.usage = EACH_USAGE, .flags = EACH_FLAGS, .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_ps = {
	.name = "ps",
	.summary = "start, stop, restart and scale processes",
	.commands = commands,
	.on = {
		[TRIGGER_APP_RESTART] = ps_on_app_restart,
		[TRIGGER_POST_CREATE] = ps_on_post_create,
		[TRIGGER_PROCFILE_EXISTS] = ps_on_procfile_exists,
		[TRIGGER_PROCFILE_GET_COMMAND] = ps_on_procfile_get_command,
		[TRIGGER_PS_CAN_SCALE] = ps_on_ps_can_scale,
		[TRIGGER_PS_CURRENT_SCALE] = ps_on_ps_current_scale,
		[TRIGGER_PS_SET_SCALE] = ps_on_ps_set_scale,
	},
	.essential = true,
};
