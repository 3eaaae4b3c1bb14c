/* SPDX-License-Identifier: MIT */
#include "plugins/network/network.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("network:create", ROLE_ADMIN, SCOPE_HOST, network_cmd_absent,
		"needs a container engine", .usage = "<network>", .args = { 1, 1 }),
	COMMAND("network:destroy", ROLE_ADMIN, SCOPE_HOST, network_cmd_absent,
		"needs a container engine", .usage = "<network>", .args = { 1, 1 }),
	COMMAND("network:exists", ROLE_ADMIN, SCOPE_HOST, network_cmd_exists,
		"fails: there are no networks of an engine", .usage = "<network>",
		.args = { 1, 1 }),
	COMMAND("network:info", ROLE_ADMIN, SCOPE_HOST, network_cmd_absent,
		"needs a container engine", .usage = "<network>",
		.flags = "format=", .args = { 1, 1 }),
	COMMAND("network:list", ROLE_ADMIN, SCOPE_HOST, network_cmd_list,
		"list networks of an engine: none", .usage = "[--format text|json]",
		.flags = "format= dokku-managed", .args = { 0, 0 }),
	COMMAND("network:rebuild", ROLE_DEPLOYER, SCOPE_APP, network_cmd_rebuild,
		"bring the proxy in line with the instances of an app", .usage = "<app>",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("network:rebuildall", ROLE_ADMIN, SCOPE_HOST, network_cmd_rebuild,
		"the same for every app", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("network:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, network_cmd_report,
		"report network settings and listeners", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("network:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, network_cmd_set,
		"set a network property", .usage = SETTING_USAGE, .flags = "global",
		.args = { 0, 2 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_network = {
	.name = "network",
	.summary = "Manage network settings for an app",
	.commands = commands,
};
