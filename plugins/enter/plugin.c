/* SPDX-License-Identifier: MIT */
#include "plugins/enter/enter.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("enter", ROLE_DEPLOYER, SCOPE_APP, enter_cmd_enter,
		"open a shell, or run a command, inside a running process",
		.usage =
			"<app> [<process>[.<n>] | --container-id <id>] [--] [<command>...]",
		.flags = "container-id=", .args = { 0, -1 },
		.needs = NEEDS_WRITE | KEEPS_WORDS),
	COMMANDS_END,
};

const struct plugin plugin_enter = {
	.name = "enter",
	.summary = "a shell inside a running process",
	.commands = commands,
};
