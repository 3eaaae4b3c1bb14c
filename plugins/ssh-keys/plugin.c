/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/ssh-keys/ssh_keys.h"

static const struct command commands[] = {
	COMMAND("ssh-keys:add", ROLE_ROOT, SCOPE_HOST, ssh_keys_cmd_add,
		"let the owner of an ssh key in (as root)",
		.usage = "<name> [<file>] [--role admin|member|owner|deployer|viewer] "
			 "[--app <app>] [--command <command>] [--read-only] "
			 "[--expires <day>]",
		.flags = "role= app= command= read-only expires=", .args = { 1, 2 },
		.needs = NEEDS_ROOT | NEEDS_NO_STORE),
	COMMAND("ssh-keys:list", ROLE_ADMIN, SCOPE_HOST, ssh_keys_cmd_list,
		"list the keys that may come in",
		.usage = "[--format text|json] [<name>]",
		.flags = "format=", .args = { 0, 1 }),
	COMMAND("ssh-keys:remove", ROLE_ROOT, SCOPE_HOST, ssh_keys_cmd_remove,
		"shut the owner of an ssh key out (as root)",
		.usage = "<name> | --fingerprint <fingerprint>", .flags = "fingerprint=",
		.args = { 0, 1 }, .needs = NEEDS_ROOT | NEEDS_NO_STORE),
	COMMANDS_END,
};

const struct plugin plugin_ssh_keys = {
	.name = "ssh-keys",
	.summary = "who may come in by ssh",
	.commands = commands,
};
