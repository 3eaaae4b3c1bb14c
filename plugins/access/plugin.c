/* SPDX-License-Identifier: MIT */
#include "plugins/access/access.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("access:add", ROLE_ADMIN, SCOPE_APP, access_cmd_add,
		"give a key a role over an app",
		.usage = "<app> <key> owner|deployer|viewer [--command <command>] "
			 "[--read-only] [--expires <day>]",
		.flags = "command= read-only expires=", .args = { 2, 2 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("access:list", ROLE_OWNER, SCOPE_APP_OR_ALL, access_cmd_list,
		"list the roles over an app", .usage = "[<app>] [--format text|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("access:remove", ROLE_ADMIN, SCOPE_APP, access_cmd_remove,
		"take a key's role over an app away", .usage = "<app> <key>",
		.args = { 1, 1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("access:report", ROLE_OWNER, SCOPE_APP_OR_ALL, access_cmd_report,
		"report roles", .usage = REPORT_USAGE, .flags = REPORT_FLAGS,
		.args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_access = {
	.name = "access",
	.summary = "Manage who may do what with an app",
	.commands = commands,
};
