/* SPDX-License-Identifier: MIT */
#include "plugins/plugin/trees.h"
#include "plugins/plugins.h"

#define OF_ROOT (NEEDS_ROOT | NEEDS_NO_STORE)

static const struct command commands[] = {
	COMMAND("plugin:create", ROLE_ANYONE, SCOPE_HOST, plugin_cmd_create,
		"write a plugin to begin with, and its test, into ./NAME",
		.usage = "<name>", .args = { 1, 1 }, .needs = OF_ROOT | ON_HOST),
	COMMAND("plugin:disable", ROLE_ROOT, SCOPE_HOST, plugin_cmd_disable,
		"leave a plugin out from now on", .usage = "<name>", .args = { 1, 1 },
		.needs = OF_ROOT),
	COMMAND("plugin:enable", ROLE_ROOT, SCOPE_HOST, plugin_cmd_enable,
		"let an installed plugin take part again", .usage = "<name>",
		.args = { 1, 1 }, .needs = OF_ROOT),
	HEAVY_COMMAND("plugin:install", ROLE_ROOT, SCOPE_HOST, plugin_cmd_install,
		      "fetch a plugin (git, or .tar.gz), enable it, run its install hook",
		      .usage = "[<url> [--committish <commit>] [--name <name>]]",
		      .flags = "committish= name= core skip-install-trigger *",
		      .args = { 0, -1 }, .needs = OF_ROOT),
	COMMAND("plugin:install-dependencies", ROLE_ROOT, SCOPE_HOST,
		plugin_cmd_install_dependencies,
		"run the hooks by which plugins install packages", .usage = "[--core]",
		.flags = "core", .args = { 0, 0 }, .needs = OF_ROOT),
	COMMAND("plugin:installed", ROLE_VIEWER, SCOPE_HOST, plugin_cmd_installed,
		"status 0 if the plugin is there, else 1", .usage = "<name>",
		.args = { 1, 1 }, .needs = HIDDEN),
	COMMAND("plugin:list", ROLE_VIEWER, SCOPE_HOST, plugin_cmd_list,
		"list plugins with version and state", .usage = "[--format stdout|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("plugin:property", ROLE_ADMIN, SCOPE_HOST, plugin_cmd_property,
		"values that plugins keep", .usage = "<verb> <plugin> <app> [<word>...]",
		.args = { 2, -1 },
		.needs = NEEDS_WRITE | QUIET_EVENT | KEEPS_WORDS | HIDDEN | ON_HOST),
	COMMAND("plugin:set", ROLE_ADMIN, SCOPE_APP_OR_GLOBAL, plugin_cmd_set,
		"set hook-timeout, the seconds that a hook may take",
		.usage = "--global <property> [<value>]", .flags = "global",
		.args = { 0, 2 }, .needs = NEEDS_WRITE),
	COMMAND("plugin:trigger", ROLE_ADMIN, SCOPE_HOST, plugin_cmd_trigger,
		"fire a trigger by hand", .usage = "<trigger> [<word>...]",
		.args = { 1, -1 },
		.needs = NEEDS_WRITE | QUIET_EVENT | KEEPS_WORDS | HIDDEN | ON_HOST),
	COMMAND("plugin:uninstall", ROLE_ROOT, SCOPE_HOST, plugin_cmd_uninstall,
		"run a plugin's uninstall hook and remove it", .usage = "<name>",
		.args = { 1, 1 }, .needs = OF_ROOT),
	HEAVY_COMMAND("plugin:update", ROLE_ROOT, SCOPE_HOST, plugin_cmd_update,
		      "fetch plugins again; the old one stays if a hook fails",
		      .usage = "[<name> [<commit>]]", .args = { 0, 2 }, .needs = OF_ROOT),
	COMMANDS_END,
};

const struct plugin plugin_plugin = {
	.name = "plugin",
	.summary = "install, update and remove plugins",
	.commands = commands,
};
