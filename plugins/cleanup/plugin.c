/* SPDX-License-Identifier: MIT */
#include "command/setting.h"
#include "plugins/cleanup/cleanup.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("cleanup", ROLE_ADMIN, SCOPE_HOST, cleanup_cmd,
		"remove what nothing uses, and bring caches and logs within their budgets",
		.usage = "[--dry-run] [--gone-apps]", .flags = "dry-run gone-apps",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("cleanup:report", ROLE_ADMIN, SCOPE_APP_OR_ALL, cleanup_cmd_report,
		"report the budgets of cleanup", .usage = "[--global] " REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("cleanup:set", ROLE_ADMIN, SCOPE_APP_OR_GLOBAL, cleanup_cmd_set,
		"set a budget of cleanup: build-caches, build-logs, spare-layers",
		.usage = "--global <property> [<value>]", .flags = "global",
		.args = { 0, 2 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_cleanup = {
	.name = "cleanup",
	.summary = "remove what nothing uses",
	.commands = commands,
	.on = { [TRIGGER_TICK] = cleanup_on_tick },
};
