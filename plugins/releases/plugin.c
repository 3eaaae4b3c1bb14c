/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/releases/releases.h"

static const struct command commands[] = {
	COMMAND("releases:list", ROLE_VIEWER, SCOPE_APP, releases_cmd_list,
		"every change of code, config or formation, newest first",
		.usage = "<app> [--format stdout|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("releases:info", ROLE_VIEWER, SCOPE_APP, releases_cmd_info,
		"who made a release, when, of what, and what it runs",
		.usage = "<app> <release> [--format stdout|json]",
		.flags = "format=", .args = { 1, 1 }),
	COMMAND("releases:diff", ROLE_DEPLOYER, SCOPE_APP, releases_cmd_diff,
		"commits, config (values masked), formation and layers that differ; "
		"without a release, what waits for the next one",
		.usage = "<app> [<release>|live|next [<release>|live|next]] "
			 "[--show-values]",
		.flags = "show-values", .args = { 0, 2 }),
	COMMAND("releases:rollback", ROLE_DEPLOYER, SCOPE_APP, releases_cmd_rollback,
		"make an earlier release serve again: code, config and formation",
		.usage = "<app> [<release>] [--code-only|--config-only] [--force]",
		.flags = "code-only config-only", .args = { 0, 1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("releases:promote", ROLE_OWNER, SCOPE_APP, releases_cmd_promote,
		"release what an app runs as another app, with that one's config",
		.usage = "<from-app> <to-app>", .args = { 1, 1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	HEAVY_COMMAND("releases:export", ROLE_DEPLOYER, SCOPE_APP, releases_cmd_export,
		      "write a release as an archive of an OCI image; - is stdout",
		      .usage = "<app> <release>|live <file>|- [--with-config]",
		      .flags = "with-config", .args = { 2, 2 }, .needs = MAKES_FILE),
	HEAVY_COMMAND("releases:import", ROLE_DEPLOYER, SCOPE_APP, releases_cmd_import,
		      "release what such an archive holds; - is stdin",
		      .usage = "<app> <file>|-", .args = { 1, 1 },
		      .needs = NEEDS_WRITE | OPENS_FILES),
	COMMAND("releases:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, releases_cmd_set,
		"set keep: how many releases a rollback can reach",
		.usage = "<app|--global> <property> [<value>]", .flags = "global",
		.args = { 1, 2 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_releases = {
	.name = "releases",
	.summary = "history of an app, rollback, promotion",
	.commands = commands,
};
