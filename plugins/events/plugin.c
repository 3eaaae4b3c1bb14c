/* SPDX-License-Identifier: MIT */
#include "plugins/events/events.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("events", ROLE_VIEWER, SCOPE_APP_OR_ALL, events_cmd_show,
		"show what was changed, by whom, with what result",
		.usage = "[<app>] [--since <moment>] [--num <n>] [--format stdout|json]",
		.flags = "since= num=/n format=", .args = { 0, 0 }),
	COMMAND("events:list", ROLE_VIEWER, SCOPE_HOST, events_cmd_list,
		"list the triggers that there are", .args = { 0, 0 },
		.needs = NEEDS_NO_STORE),
	COMMAND("events:off", ROLE_ADMIN, SCOPE_HOST, events_cmd_switch,
		"says that changes are always recorded", .args = { 0, 0 }),
	COMMAND("events:on", ROLE_ADMIN, SCOPE_HOST, events_cmd_switch,
		"says that changes are always recorded", .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_events = {
	.name = "20_events",
	.summary = "what was changed, and by whom",
	.commands = commands,
	.on = { [TRIGGER_TICK] = events_on_tick },
};
