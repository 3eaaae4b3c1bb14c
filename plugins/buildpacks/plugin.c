/* SPDX-License-Identifier: MIT */
#include "plugins/buildpacks/buildpacks.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("buildpacks:add", ROLE_OWNER, SCOPE_APP, buildpacks_cmd_add,
		"add a buildpack to the list of an app; acts from the next build",
		.usage = "[--index <n>] <app> <url|org/name>",
		.flags = "index=", .args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("buildpacks:clear", ROLE_OWNER, SCOPE_APP, buildpacks_cmd_clear,
		"drop all buildpacks from the list", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	HEAVY_COMMAND("buildpacks:detect", ROLE_VIEWER, SCOPE_APP, buildpacks_cmd_detect,
		      "say who would build the stored code",
		      .usage = "[--branch <branch>] <app>",
		      .flags = "branch=", .args = { 0, 0 }),
	COMMAND("buildpacks:list", ROLE_VIEWER, SCOPE_APP, buildpacks_cmd_list,
		"list buildpacks of an app", .usage = "<app>", .args = { 0, 0 }),
	COMMAND("buildpacks:remove", ROLE_OWNER, SCOPE_APP, buildpacks_cmd_remove,
		"drop one buildpack", .usage = "[--index <n>] <app> [<buildpack>]",
		.flags = "index=", .args = { 0, 1 }, .needs = NEEDS_WRITE),
	COMMAND("buildpacks:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, buildpacks_cmd_report,
		"report buildpacks", .usage = REPORT_USAGE, .flags = REPORT_FLAGS,
		.args = { 0, 0 }),
	COMMAND("buildpacks:set", ROLE_OWNER, SCOPE_APP, buildpacks_cmd_set,
		"set one buildpack, or the whole list",
		.usage = "[--index <n>|--replace] <app> <url|org/name>...",
		.flags = "index= replace", .args = { 0, -1 }, .needs = NEEDS_WRITE),
	COMMAND("buildpacks:set-property", ROLE_OWNER, SCOPE_APP_OR_GLOBAL,
		buildpacks_cmd_set_property,
		"keep the name of a build image; no effect here", .usage = SETTING_USAGE,
		.flags = "global", .args = { 0, 2 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_buildpacks = {
	.name = "buildpacks",
	.summary = "Manage buildpacks settings for an app",
	.commands = commands,
};
