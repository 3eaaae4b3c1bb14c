/* SPDX-License-Identifier: MIT */
#include "plugins/cleanup/cleanup.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("cleanup", ROLE_ADMIN, SCOPE_HOST, cleanup_cmd,
		"remove what nothing uses: layers, sites, temporary files",
		.usage = "[--dry-run] [--gone-apps]", .flags = "dry-run gone-apps",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_cleanup = {
	.name = "cleanup",
	.summary = "remove what nothing uses",
	.commands = commands,
};
