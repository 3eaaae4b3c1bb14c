/* SPDX-License-Identifier: MIT */
#include "plugins/davit/davit.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("instance-exited", ROLE_ADMIN, SCOPE_HOST, davit_cmd_instance_exited,
		"a container has ended", .usage = "<id> <code> [<kills> <oom> <routed>]",
		.args = { 1, 5 }, .needs = NEEDS_WRITE | QUIET_EVENT | HIDDEN | ON_HOST),
	COMMAND("instance-restart", ROLE_ADMIN, SCOPE_HOST, davit_cmd_instance_restart,
		"start a crashed instance whose time has come", .usage = "<id>",
		.args = { 1, 1 }, .needs = NEEDS_WRITE | QUIET_EVENT | HIDDEN | ON_HOST),
	COMMAND("instance-retire", ROLE_ADMIN, SCOPE_HOST, davit_cmd_instance_retire,
		"drain and stop the instances that were replaced", .usage = "<app>",
		.args = { 1, 1 }, .needs = NEEDS_WRITE | QUIET_EVENT | HIDDEN | ON_HOST),
	COMMAND("instance-watch", ROLE_ADMIN, SCOPE_HOST, davit_cmd_instance_watch,
		"make the liveness and readiness checks of an app", .usage = "<app>",
		.args = { 1, 1 }, .needs = NEEDS_WRITE | QUIET_EVENT | HIDDEN | ON_HOST),
	COMMAND("recover", ROLE_ADMIN, SCOPE_HOST, davit_cmd_recover,
		"complete or undo what was interrupted", .usage = "[<app>]",
		.args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("ps:restore", ROLE_ADMIN, SCOPE_HOST, davit_cmd_restore,
		"start everything that should be running, as after a boot",
		.usage = "[--parallel <n>] [<app>|--all]", .flags = "parallel= all",
		.args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("store:adopt", ROLE_ADMIN, SCOPE_HOST, davit_cmd_store_adopt,
		"take over the store of a newer davit (davit-back)", .args = { 0, 0 },
		.needs = NEEDS_NO_STORE | HIDDEN | ON_HOST),
	COMMAND("tick", ROLE_ADMIN, SCOPE_HOST, davit_cmd_tick,
		"what the timer runs each minute", .args = { 0, 0 },
		.needs = NEEDS_WRITE | QUIET_EVENT | HIDDEN | ON_HOST),
	COMMANDS_END,
};

const struct plugin plugin_davit = {
	.name = "davit",
	.summary = "recovery and the work between commands",
	.commands = commands,
};
