/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/trace/trace.h"

static const struct command commands[] = {
	COMMAND("trace:off", ROLE_ADMIN, SCOPE_HOST, trace_cmd_off,
		"show triggers with --trace only", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("trace:on", ROLE_ADMIN, SCOPE_HOST, trace_cmd_on,
		"show each trigger, its handlers, words, time and verdict",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_trace = {
	.name = "trace",
	.summary = "show triggers as they are fired",
	.commands = commands,
};
