/* SPDX-License-Identifier: MIT */
#include "command/report.h"
#include "command/setting.h"
#include "plugins/builds/builds.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("builds:cancel", ROLE_DEPLOYER, SCOPE_APP, builds_cmd_cancel,
		"end a deploy that is waiting or running, with all its processes",
		.usage = "<app> [<build-id>]", .args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("builds:info", ROLE_VIEWER, SCOPE_APP, builds_cmd_info,
		"state, times and result of a deploy",
		.usage = "<app> <build-id> [--format stdout|json]",
		.flags = "format=", .args = { 1, 1 }),
	COMMAND("builds:list", ROLE_VIEWER, SCOPE_APP_OR_ALL, builds_cmd_list,
		"deploys of an app, the newest first; without one those that go on",
		.usage =
			"[<app>|--all] [--kind build|deploy] [--status S] [--format stdout|json]",
		.flags = "format= kind= status= all", .args = { 0, 0 }),
	COMMAND("builds:output", ROLE_DEPLOYER, SCOPE_APP, builds_cmd_output,
		"what a deploy printed; follows one that is running",
		.usage = "<app> [<build-id>|current]", .args = { 0, 1 }),
	COMMAND("builds:prune", ROLE_OWNER, SCOPE_APP_OR_ALL, builds_cmd_prune,
		"forget deploys beyond the retention", .usage = "<app>|--all-apps",
		.flags = "all all-apps", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("builds:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, builds_cmd_report,
		"report the newest deploy of apps", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("builds:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, builds_cmd_set,
		"set retention: how many deploys are remembered; with --global, parallel: "
		"how many apps build at a time",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_builds = {
	.name = "builds",
	.summary = "deploys: those running, those past, their output",
	.commands = commands,
	.on = { [TRIGGER_TICK] = builds_on_tick, [TRIGGER_VIEWS] = builds_on_views },
};
