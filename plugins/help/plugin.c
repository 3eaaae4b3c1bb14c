/* SPDX-License-Identifier: MIT */
#include "plugins/help/help.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("help", ROLE_ANYONE, SCOPE_HOST, help_cmd_help,
		"list the commands, or explain one",
		.usage = "[--all] [--names] [--table] [--triggers] [--mdoc] [<command>]",
		.flags = "all names table triggers mdoc", .args = { 0, 1 },
		.needs = NEEDS_NO_STORE),
	COMMAND("version", ROLE_ANYONE, SCOPE_HOST, help_cmd_version, "print the version",
		.args = { 0, 0 }, .needs = NEEDS_NO_STORE),
	COMMANDS_END,
};

const struct plugin plugin_help = {
	.name = "help",
	.summary = "help and version",
	.commands = commands,
};
