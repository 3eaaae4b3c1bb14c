/* SPDX-License-Identifier: MIT */
#include "command/report.h"
#include "command/setting.h"
#include "plugins/logs/logs.h"
#include "plugins/plugins.h"

#define LOGS_USAGE                                                                      \
	"<app> [-n|--num <lines>] [-p|--ps <process>] [-t|--tail] [-q|--quiet] "        \
	"[--since 10m|<date>] [--release v<number>] [--level debug|info|warning|error|" \
	"fatal]"
#define LOGS_FLAGS "num=/n ps=/p tail/t quiet/q since= release= level="

static const struct command commands[] = {
	COMMAND("logs", ROLE_VIEWER, SCOPE_APP, logs_cmd_logs,
		"show what the processes of an app print, and what davit does to them",
		.usage = LOGS_USAGE, .flags = LOGS_FLAGS, .args = { 0, 0 }),
	COMMAND("logs:failed", ROLE_VIEWER, SCOPE_APP_OR_ALL, logs_cmd_failed,
		"show what the instances of the last failed deploy printed",
		.usage = "<app>|--all", .flags = "all", .args = { 0, 0 }),
	COMMAND("logs:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, logs_cmd_report,
		"report how much of an app's logs is kept", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("logs:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, logs_cmd_set,
		"set max-size: how much of the logs of all processes of an app is kept; "
		"the vector-… properties are kept for tools that read them",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMAND("logs:vector-logs", ROLE_ADMIN, SCOPE_HOST, logs_cmd_vector,
		"says that there is no log shipper", .usage = "[--num <lines>] [--tail]",
		.flags = "num=/n tail/t", .args = { 0, 0 }),
	COMMAND("logs:vector-start", ROLE_ADMIN, SCOPE_HOST, logs_cmd_vector,
		"says that there is no log shipper", .usage = "[--vector-image <image>]",
		.flags = "vector-image=", .args = { 0, 0 }),
	COMMAND("logs:vector-stop", ROLE_ADMIN, SCOPE_HOST, logs_cmd_vector,
		"says that there is no log shipper", .usage = "", .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_logs = {
	.name = "logs",
	.summary = "what processes print",
	.commands = commands,
	.on = { [TRIGGER_TICK] = logs_on_tick },
};
