/* SPDX-License-Identifier: MIT */
#include "command/setting.h"
#include "plugins/checks/checks.h"
#include "plugins/plugins.h"

#define TYPES_USAGE "<app> [<process-type>[,<process-type>]]"

static const struct command commands[] = {
	COMMAND("checks:disable", ROLE_OWNER, SCOPE_APP, checks_cmd_disable,
		"no checks for these process types; the old instance stops before the new "
		"one starts",
		.usage = TYPES_USAGE, .args = { 0, 1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("checks:enable", ROLE_OWNER, SCOPE_APP, checks_cmd_enable,
		"check these process types again", .usage = TYPES_USAGE, .args = { 0, 1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("checks:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, checks_cmd_report,
		"report which process types are checked, and how long old ones drain",
		.usage = REPORT_USAGE, .flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("checks:run", ROLE_DEPLOYER, SCOPE_APP, checks_cmd_run,
		"make the checks of instances that serve, now",
		.usage = "<app> [<process-type>|<process-type>.<n>[,...]]",
		.args = { 0, 1 }),
	COMMAND("checks:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, checks_cmd_set,
		"set wait-to-retire or listen-timeout, in seconds",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMAND("checks:skip", ROLE_OWNER, SCOPE_APP, checks_cmd_skip,
		"no checks for these process types; new instances still start first",
		.usage = TYPES_USAGE, .args = { 0, 1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMANDS_END,
};

const struct plugin plugin_checks = {
	.name = "checks",
	.summary = "when a new instance is fit to serve",
	.commands = commands,
};
