/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/store/store.h"

static const struct command commands[] = {
	COMMAND("store:copies", ROLE_ADMIN, SCOPE_HOST, store_cmd_copies,
		"list the good copies of the store, and their bytes", .args = { 0, 0 },
		.needs = NEEDS_NO_STORE),
	COMMAND("store:copy", ROLE_ADMIN, SCOPE_HOST, store_cmd_copy,
		"check the store and copy it now, as happens each hour", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("store:restore", ROLE_ROOT, SCOPE_HOST, store_cmd_restore,
		"put the last good copy, or that one, in the place of a damaged store",
		.usage = "[<time>]", .args = { 0, 1 }, .needs = NEEDS_NO_STORE),
	COMMANDS_END,
};

const struct plugin plugin_store = {
	.name = "store",
	.summary = "good copies of davit's memory",
	.commands = commands,
	.on = { [TRIGGER_TICK] = store_on_tick },
};
