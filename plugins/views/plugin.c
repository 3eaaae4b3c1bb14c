/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/views/views.h"

static const struct command commands[] = {
	COMMAND("views:sync", ROLE_ADMIN, SCOPE_APP_OR_ALL, views_cmd_sync,
		"write the files that other programs read in Dokku's places",
		.usage = "[<app>]", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

/* First of all: who listens to the same change finds the files as they should be. */
const struct plugin plugin_views = {
	.name = "00_views",
	.summary = "the store as the files that Dokku has",
	.commands = commands,
	.on = {
		[TRIGGER_CORE_POST_DEPLOY] = views_on_change,
		[TRIGGER_POST_APP_CLONE_SETUP] = views_on_clone,
		[TRIGGER_POST_APP_RENAME_SETUP] = views_on_rename,
		[TRIGGER_POST_CERTS_REMOVE] = views_on_change,
		[TRIGGER_POST_CERTS_UPDATE] = views_on_change,
		[TRIGGER_POST_CONFIG_UPDATE] = views_on_change,
		[TRIGGER_POST_CREATE] = views_on_change,
		[TRIGGER_POST_DOMAINS_UPDATE] = views_on_change,
		[TRIGGER_POST_STOP] = views_on_change,
		[TRIGGER_VIEWS] = views_on_views,
	},
	.essential = true,
};
