/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/run/run.h"

#define RUN_USAGE "[-e <KEY=VALUE>]... [--ttl-seconds <n>] <app> <command>..."
#define RUN_FLAGS "env=/e ttl-seconds= no-tty force-tty"

static const struct command commands[] = {
	COMMAND("run", ROLE_DEPLOYER, SCOPE_APP, run_cmd_run,
		"run a command in a container of its own, with your terminal",
		.usage = "[--no-tty|--force-tty] [--detach] " RUN_USAGE,
		.flags = RUN_FLAGS " detach", .args = { 1, -1 },
		.needs = NEEDS_WRITE | KEEPS_WORDS),
	COMMAND("run:detached", ROLE_DEPLOYER, SCOPE_APP, run_cmd_detached,
		"run a command in the background and print its container's name",
		.usage = RUN_USAGE, .flags = RUN_FLAGS, .args = { 1, -1 },
		.needs = NEEDS_WRITE | KEEPS_WORDS),
	COMMAND("run:list", ROLE_VIEWER, SCOPE_APP, run_cmd_list,
		"list the one-off containers of an app",
		.usage = "<app> [--format stdout|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("run:logs", ROLE_VIEWER, SCOPE_APP, run_cmd_logs,
		"show what one-off commands in the background print",
		.usage = "<app> [--container <name>] [-n|--num <lines>] [-t|--tail] "
			 "[-q|--quiet]",
		.flags = "container= num=/n tail/t quiet/q", .args = { 0, 0 }),
	COMMAND("run:retire", ROLE_DEPLOYER, SCOPE_APP_OR_ALL, run_cmd_retire,
		"stop one-off containers that have outlived their time",
		.usage = "[<app>]", .flags = "all", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("run:stop", ROLE_DEPLOYER, SCOPE_APP, run_cmd_stop,
		"stop one or all one-off containers of an app",
		.usage = "<app> [--container <name>]",
		.flags = "container=", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_run = {
	.name = "run",
	.summary = "one-off commands in an app's world",
	.commands = commands,
	.on = {
		[TRIGGER_INSTANCE_EXITED] = run_on_instance_exited,
		[TRIGGER_POST_DELETE] = run_on_post_delete,
		[TRIGGER_TICK] = run_on_tick,
	},
	.essential = true,
};
