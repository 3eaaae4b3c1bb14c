/* SPDX-License-Identifier: MIT */
#include "plugins/logs/logs.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("logs", ROLE_VIEWER, SCOPE_APP, logs_cmd_logs,
		"show what the processes of an app print",
		.usage = "<app> [-n|--num <lines>] [-p|--ps <process>] [-t|--tail] "
			 "[-q|--quiet]",
		.flags = "num=/n ps=/p tail/t quiet/q", .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_logs = {
	.name = "logs",
	.summary = "what processes print",
	.commands = commands,
};
