/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/repo/repo.h"

static const struct command commands[] = {
	COMMAND("repo:gc", ROLE_DEPLOYER, SCOPE_APP, repo_cmd_gc,
		"pack the repository of an app", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("repo:purge-cache", ROLE_DEPLOYER, SCOPE_APP, repo_cmd_purge_cache,
		"drop the build caches of an app", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_repo = {
	.name = "repo",
	.summary = "Manage the app's repo",
	.commands = commands,
	.on = { [TRIGGER_TICK] = repo_on_tick },
};
