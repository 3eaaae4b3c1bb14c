/* SPDX-License-Identifier: MIT */
#include "plugins/config/config.h"
#include "plugins/plugins.h"

#define READ_USAGE  "[--merged] <app|--global>"
#define WRITE_FLAGS "global no-restart"

static const struct command commands[] = {
	COMMAND("config", ROLE_DEPLOYER, SCOPE_APP_OR_GLOBAL, config_cmd_show,
		"show variables", .usage = READ_USAGE,
		.flags = "global merged shell export", .args = { 0, 0 }),
	COMMAND("config:bundle", ROLE_DEPLOYER, SCOPE_APP_OR_GLOBAL, config_cmd_bundle,
		"write variables as a tar stream, a file each", .usage = READ_USAGE,
		.flags = "global merged", .args = { 0, 0 }),
	COMMAND("config:clear", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, config_cmd_clear,
		"remove every variable", .usage = "[--no-restart] <app|--global>",
		.flags = WRITE_FLAGS, .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("config:export", ROLE_DEPLOYER, SCOPE_APP_OR_GLOBAL, config_cmd_export,
		"print variables for a shell, a file or a program",
		.usage = "[--format <format>] [--merged] <app|--global>",
		.flags = "global merged format=", .args = { 0, 0 }),
	COMMAND("config:get", ROLE_DEPLOYER, SCOPE_APP_OR_GLOBAL, config_cmd_get,
		"print one value; status 1 when there is none",
		.usage = "[--quoted] <app|--global> <key>", .flags = "global quoted",
		.args = { 1, 1 }),
	COMMAND("config:import", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, config_cmd_import,
		"set variables from a file or from stdin",
		.usage = "[--no-restart] [--replace] [--format envfile|json] "
			 "<app|--global> <file|->",
		.flags = WRITE_FLAGS " replace format=", .args = { 0, 1 },
		.needs = NEEDS_WRITE),
	COMMAND("config:keys", ROLE_DEPLOYER, SCOPE_APP_OR_GLOBAL, config_cmd_keys,
		"print the names of variables", .usage = READ_USAGE,
		.flags = "global merged", .args = { 0, 0 }),
	COMMAND("config:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, config_cmd_set,
		"set variables and redeploy; a failed redeploy leaves them as they were",
		.usage = "[--encoded] [--no-restart] <app|--global> <KEY=VALUE>...",
		.flags = WRITE_FLAGS " encoded", .args = { 0, -1 }, .needs = NEEDS_WRITE),
	COMMAND("config:show", ROLE_DEPLOYER, SCOPE_APP_OR_GLOBAL, config_cmd_show,
		"show variables", .usage = READ_USAGE, .flags = "global merged",
		.args = { 0, 0 }),
	COMMAND("config:unset", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, config_cmd_unset,
		"remove variables and redeploy",
		.usage = "[--no-restart] <app|--global> <KEY>...", .flags = WRITE_FLAGS,
		.args = { 0, -1 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_config = {
	.name = "config",
	.summary = "environment variables of apps and of the host",
	.commands = commands,
	.on = {
		[TRIGGER_CONFIG_EXPORT] = config_on_config_export,
		[TRIGGER_CONFIG_GET] = config_on_config_get,
		[TRIGGER_CONFIG_GET_GLOBAL] = config_on_config_get_global,
		[TRIGGER_CONFIG_SET] = config_on_config_set,
		[TRIGGER_CONFIG_UNSET] = config_on_config_unset,
	},
	.essential = true,
};
