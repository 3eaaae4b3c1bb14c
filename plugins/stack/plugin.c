/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/stack/stack.h"

static const struct command commands[] = {
	COMMAND("stack:build", ROLE_ADMIN, SCOPE_HOST, stack_cmd_build,
		"make the base layer anew, with security updates; apps get it at their "
		"next deploy",
		.usage = "[--if-missing]", .flags = "if-missing", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("stack:list", ROLE_VIEWER, SCOPE_HOST, stack_cmd_list,
		"list the layers that apps share", .usage = "[--format stdout|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("stack:report", ROLE_VIEWER, SCOPE_HOST, stack_cmd_report,
		"report the current base layer and its toolchains",
		.usage = "[--format stdout|json]", .flags = "format=", .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_stack = {
	.name = "stack",
	.summary = "the base system that apps are built on",
	.commands = commands,
};
