/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/report/report.h"

static const struct command commands[] = {
	COMMAND("report", ROLE_VIEWER, SCOPE_APP_OR_ALL, report_cmd_report,
		"every report there is, of one app or all", .usage = "[<app>|--all]",
		.flags = "all", .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_report = {
	.name = "report",
	.summary = "all reports of an app",
	.commands = commands,
};
