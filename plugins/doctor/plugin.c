/* SPDX-License-Identifier: MIT */
#include "plugins/doctor/doctor.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	HEAVY_COMMAND(
		"doctor", ROLE_ADMIN, SCOPE_HOST, doctor_cmd,
		"compare the store with the host, and say each finding with its cure",
		.usage = "[--fix] [--format stdout|json]",
		.flags = "fix format=", .args = { 0, 0 }, .needs = NEEDS_NO_STORE),
	COMMANDS_END,
};

const struct plugin plugin_doctor = {
	.name = "doctor",
	.summary = "is what the store says also what the host does?",
	.commands = commands,
	.on = { [TRIGGER_TICK] = doctor_on_tick },
};
