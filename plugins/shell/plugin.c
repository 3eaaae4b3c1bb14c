/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/shell/shell.h"

static const struct command commands[] = {
	/* Each line is a command with a check of its own: the shell itself may nothing. */
	COMMAND("shell", ROLE_ANYONE, SCOPE_HOST, shell_cmd_shell,
		"take commands line by line, until exit or the end of input", .usage = "",
		.args = { 0, 0 }, .needs = NEEDS_NO_STORE | NEEDS_ROOT),
	COMMANDS_END,
};

const struct plugin plugin_shell = {
	.name = "shell",
	.summary = "a prompt for commands",
	.commands = commands,
};
