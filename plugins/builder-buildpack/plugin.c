/* SPDX-License-Identifier: MIT */
#include "command/report.h"
#include "command/setting.h"
#include "plugin/heavy.h"
#include "plugins/builder-buildpack/buildpack.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("builder-buildpack:report", ROLE_VIEWER, SCOPE_APP_OR_ALL,
		buildpack_cmd_report, "report the settings of buildpack builds",
		.usage = REPORT_USAGE, .flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("builder-buildpack:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL,
		buildpack_cmd_set, "set build-timeout, in seconds",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_builder_buildpack = {
	.name = BUILDPACK_PLUGIN,
	.summary = "build apps with buildpacks",
	.commands = commands,
	.on = {
		[TRIGGER_BUILDER_DETECT] = buildpack_on_detect,
		[TRIGGER_BUILDER_BUILD] = HEAVY_HANDLER(buildpack_on_build),
	},
};
