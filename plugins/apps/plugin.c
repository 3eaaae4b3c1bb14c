/* SPDX-License-Identifier: MIT */
#include "plugins/apps/apps.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("apps:create", ROLE_ADMIN, SCOPE_NEW_APP, apps_cmd_create,
		"create an app", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("apps:destroy", ROLE_OWNER, SCOPE_APP, apps_cmd_destroy,
		"destroy an app and all that belongs to it; asks for its name",
		.usage = "[--force] <app>", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("apps:exists", ROLE_VIEWER, SCOPE_APP, apps_cmd_exists,
		"status 0 if the app exists, else 20", .usage = "<app>",
		.args = { 0, 0 }),
	COMMAND("apps:list", ROLE_ANYONE, SCOPE_HOST, apps_cmd_list,
		"list the apps you may see", .usage = "[--format stdout|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("apps:lock", ROLE_OWNER, SCOPE_APP, apps_cmd_lock,
		"let no deploy start until apps:unlock", .usage = "<app>",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("apps:locked", ROLE_VIEWER, SCOPE_APP, apps_cmd_locked,
		"status 0 if the app is locked, else 1", .usage = "<app>",
		.args = { 0, 0 }),
	COMMAND("apps:rename", ROLE_OWNER, SCOPE_APP, apps_cmd_rename,
		"give an app another name; default domains follow, instances run on",
		.usage = "<app> <new-name>", .flags = "skip-deploy", .args = { 1, 1 },
		.needs = NEEDS_WRITE),
	COMMAND("apps:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, apps_cmd_report,
		"report age, lock and source of apps", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("apps:set", ROLE_ADMIN, SCOPE_APP_OR_GLOBAL, apps_cmd_set,
		"set disable-autocreation", .usage = SETTING_USAGE, .flags = "global",
		.args = { 0, 2 }, .needs = NEEDS_WRITE),
	COMMAND("apps:unlock", ROLE_OWNER, SCOPE_APP, apps_cmd_unlock,
		"allow deploys again", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_apps = {
	.name = "apps",
	.summary = "create, name, lock and destroy apps",
	.commands = commands,
	.on = {
		[TRIGGER_APP_CREATE] = apps_on_app_create,
		[TRIGGER_APP_DESTROY] = apps_on_app_destroy,
		[TRIGGER_APP_EXISTS] = apps_on_app_exists,
		[TRIGGER_APP_LIST] = apps_on_app_list,
		[TRIGGER_APP_MAYBE_CREATE] = apps_on_app_maybe_create,
		[TRIGGER_DEPLOY_SOURCE_SET] = apps_on_deploy_source_set,
	},
};
