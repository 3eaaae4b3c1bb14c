/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/settings/settings.h"

#define STORE_COMMANDS(name, what)                                                      \
	COMMAND(name ":report", ROLE_VIEWER, SCOPE_APP_OR_ALL, settings_cmd_report,     \
		"report " what, .usage = REPORT_USAGE, .flags = REPORT_FLAGS,           \
		.args = { 0, 0 }),                                                      \
		COMMAND(name ":set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, settings_cmd_set, \
			"set " what, .usage = SETTING_USAGE, .flags = "global",         \
			.args = { 0, 2 }, .needs = NEEDS_WRITE)

static const struct command commands[] = {
	STORE_COMMANDS("app-json", "appjson-path, where app.json is"),
	STORE_COMMANDS("builder", "selected, build-dir or skip-cleanup"),
	STORE_COMMANDS("builder-dockerfile", "dockerfile-path"),
	STORE_COMMANDS("builder-herokuish", "allowed"),
	STORE_COMMANDS("builder-lambda", "lambdayml-path"),
	STORE_COMMANDS("builder-nixpacks", "nixpackstoml-path"),
	STORE_COMMANDS("builder-pack", "projecttoml-path"),
	STORE_COMMANDS("builder-railpack", "railpackjson-path"),
	COMMANDS_END,
};

const struct plugin plugin_settings = {
	.name = "builder",
	.summary = "where app.json is, builders and their files",
	.commands = commands,
	.on = {
		[TRIGGER_BUILDER_DETECT] = settings_on_builder_detect,
	},
};
