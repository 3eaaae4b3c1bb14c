/* SPDX-License-Identifier: MIT */
#include "plugins/docker-options/docker_options.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("docker-options:add", ROLE_OWNER, SCOPE_APP, docker_options_cmd_add,
		"keep options for containers of an app; they act from the next start",
		.usage = "<app> [--process <type>] <build,deploy,run> <option>...",
		.flags = "process=", .args = { 1, -1 },
		.needs = NEEDS_WRITE | KEEPS_WORDS),
	COMMAND("docker-options:clear", ROLE_OWNER, SCOPE_APP, docker_options_cmd_clear,
		"drop all options, or those of some phases",
		.usage = "<app> [--process <type>] [<build,deploy,run>]",
		.flags = "process=", .args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("docker-options:list", ROLE_DEPLOYER, SCOPE_APP, docker_options_cmd_list,
		"print options, one a line",
		.usage = "<app> --phase <phase> [--process <type>]",
		.flags = "phase= process=", .args = { 0, 0 }, .needs = HIDDEN),
	COMMAND("docker-options:remove", ROLE_OWNER, SCOPE_APP, docker_options_cmd_remove,
		"drop options",
		.usage = "<app> [--process <type>] <build,deploy,run> <option>...",
		.flags = "process=", .args = { 1, -1 },
		.needs = NEEDS_WRITE | KEEPS_WORDS),
	COMMAND("docker-options:report", ROLE_DEPLOYER, SCOPE_APP_OR_ALL,
		docker_options_cmd_report, "report options", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_docker_options = {
	.name = "docker-options",
	.summary = "Manage docker options for an app",
	.commands = commands,
};
