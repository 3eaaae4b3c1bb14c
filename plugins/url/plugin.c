/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/url/url.h"

static const struct command commands[] = {
	COMMAND("url", ROLE_VIEWER, SCOPE_APP, url_cmd_url,
		"print the address of an app, https where there is a choice",
		.usage = "<app>", .args = { 0, 0 }),
	COMMAND("urls", ROLE_VIEWER, SCOPE_APP, url_cmd_url,
		"print all addresses of an app", .usage = "<app>", .args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_url = {
	.name = "url",
	.summary = "where an app answers",
	.commands = commands,
};
