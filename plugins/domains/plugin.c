/* SPDX-License-Identifier: MIT */
#include "plugins/domains/domains.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	COMMAND("domains:add", ROLE_OWNER, SCOPE_APP, domains_cmd_add,
		"let an app answer to more names", .usage = "<app> <domain>...",
		.args = { 1, -1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("domains:add-global", ROLE_ADMIN, SCOPE_HOST, domains_cmd_add_global,
		"add domains below which every app gets a name", .usage = "<domain>...",
		.args = { 1, -1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("domains:clear", ROLE_OWNER, SCOPE_APP, domains_cmd_clear,
		"take all names from an app", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("domains:clear-global", ROLE_ADMIN, SCOPE_HOST, domains_cmd_clear_global,
		"remove all global domains", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("domains:disable", ROLE_OWNER, SCOPE_APP_OR_ALL, domains_cmd_disable,
		"serve an app by its port alone", .usage = "<app|--all>", .flags = "all",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("domains:enable", ROLE_OWNER, SCOPE_APP_OR_ALL, domains_cmd_enable,
		"serve an app by its names", .usage = "<app|--all>", .flags = "all",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("domains:remove", ROLE_OWNER, SCOPE_APP, domains_cmd_remove,
		"take names from an app", .usage = "<app> <domain>...", .args = { 1, -1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("domains:remove-global", ROLE_ADMIN, SCOPE_HOST,
		domains_cmd_remove_global, "remove global domains",
		.usage = "<domain>...", .args = { 1, -1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("domains:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, domains_cmd_report,
		"report names of apps and of the host", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("domains:reset", ROLE_OWNER, SCOPE_APP, domains_cmd_reset,
		"give an app its default names again", .usage = "<app>", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("domains:set", ROLE_OWNER, SCOPE_APP, domains_cmd_set,
		"replace the names of an app", .usage = "<app> <domain>...",
		.args = { 1, -1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("domains:set-global", ROLE_ADMIN, SCOPE_HOST, domains_cmd_set_global,
		"replace the global domains", .usage = "<domain>...", .args = { 1, -1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMANDS_END,
};

const struct plugin plugin_domains = {
	.name = "domains",
	.summary = "names that apps answer to",
	.commands = commands,
	.on = {
		[TRIGGER_DOMAINS_LIST] = domains_on_domains_list,
		[TRIGGER_DOMAINS_URLS] = domains_on_domains_urls,
		[TRIGGER_DOMAINS_VHOST_ENABLED] = domains_on_domains_vhost_enabled,
	},
};
