/* SPDX-License-Identifier: MIT */
#include "command/setting.h"
#include "plugins/cron/cron.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("cron:list", ROLE_VIEWER, SCOPE_APP_OR_GLOBAL, cron_cmd_list,
		"list the tasks of app.json", .usage = "<app> [--format stdout|json]",
		.flags = "format= global", .args = { 0, 0 }),
	COMMAND("cron:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, cron_cmd_report,
		"report tasks and their settings", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("cron:resume", ROLE_DEPLOYER, SCOPE_APP, cron_cmd_switch,
		"run a suspended task again when it is due", .usage = "<app> <cron-id>",
		.args = { 1, 1 }, .needs = NEEDS_WRITE),
	COMMAND("cron:run", ROLE_DEPLOYER, SCOPE_APP, cron_cmd_run, "run a task now",
		.usage = "<app> <cron-id> [--detach] [--ttl-seconds <n>]",
		.flags = "detach ttl-seconds=", .args = { 1, 1 }, .needs = NEEDS_WRITE),
	COMMAND("cron:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, cron_cmd_set,
		"set maintenance, mailto or mailfrom", .usage = SETTING_USAGE,
		.flags = "global", .args = { 0, 2 }, .needs = NEEDS_WRITE),
	COMMAND("cron:suspend", ROLE_DEPLOYER, SCOPE_APP, cron_cmd_switch,
		"leave a task out until it is resumed", .usage = "<app> <cron-id>",
		.args = { 1, 1 }, .needs = NEEDS_WRITE),
	COMMAND("cron:turn", ROLE_ADMIN, SCOPE_HOST, cron_cmd_turn,
		"take the turn of a line of the crontab",
		.usage = "<line> [<minute since 1970>]", .args = { 1, 2 },
		.needs = NEEDS_WRITE | QUIET_EVENT | HIDDEN | ON_HOST),
	COMMANDS_END,
};

const struct plugin plugin_cron = {
	.name = "cron",
	.summary = "Manage scheduled cron tasks",
	.commands = commands,
	.on = {
		[TRIGGER_CRON_WRITE] = cron_on_write,
		[TRIGGER_POST_APP_CLONE_SETUP] = cron_on_clone,
		[TRIGGER_POST_APP_RENAME] = cron_on_rename,
		[TRIGGER_POST_DEPLOY] = cron_on_change,
		[TRIGGER_SCHEDULER_CRON_WRITE] = cron_on_write,
		[TRIGGER_TICK] = cron_on_tick,
		[TRIGGER_VIEWS] = cron_on_change,
	},
};
