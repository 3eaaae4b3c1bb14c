/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/registry/registry.h"

static const struct command commands[] = {
	COMMAND("registry:login", ROLE_OWNER, SCOPE_REPO, registry_cmd_login,
		"keep a password for a registry of images, of an app or the host",
		.usage = "--global|<app> <server> <user> --password-stdin|<password>",
		.flags = "global password-stdin", .args = { 1, 3 }, .needs = NEEDS_WRITE),
	COMMAND("registry:logout", ROLE_OWNER, SCOPE_REPO, registry_cmd_logout,
		"forget the password for a registry", .usage = "--global|<app> <server>",
		.flags = "global", .args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_registry = {
	.name = "registry",
	.summary = "logins at registries of images",
	.commands = commands,
	.on = {
		[TRIGGER_POST_APP_CLONE_SETUP] = registry_on_clone,
		[TRIGGER_POST_APP_RENAME_SETUP] = registry_on_rename,
		[TRIGGER_POST_DELETE] = registry_on_delete,
	},
};
