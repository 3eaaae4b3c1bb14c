/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/proxy/proxy.h"

#define EACH_USAGE "[--parallel <n>] <app|--all>"
#define EACH_FLAGS "all parallel="

static const struct command commands[] = {
	COMMAND("proxy:build-config", ROLE_DEPLOYER, SCOPE_APP_OR_ALL,
		proxy_cmd_build_config,
		"render, test and swap the proxy's files, or keep the old ones",
		.usage = EACH_USAGE, .flags = EACH_FLAGS, .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("proxy:clear-config", ROLE_OWNER, SCOPE_APP_OR_ALL,
		proxy_cmd_clear_config,
		"take an app out of the proxy until it is built again",
		.usage = "<app|--all>", .flags = "all", .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("proxy:disable", ROLE_OWNER, SCOPE_APP_OR_ALL, proxy_cmd_disable,
		"take an app out of the proxy", .usage = EACH_USAGE, .flags = EACH_FLAGS,
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("proxy:enable", ROLE_OWNER, SCOPE_APP_OR_ALL, proxy_cmd_enable,
		"put an app behind the proxy", .usage = EACH_USAGE, .flags = EACH_FLAGS,
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("proxy:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, proxy_cmd_report,
		"report proxy, ports and whether it is enabled", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("proxy:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, proxy_cmd_set,
		"set type, proxy-port or proxy-ssl-port; proxy:build-config applies it",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_proxy = {
	.name = "proxy",
	.summary = "which proxy serves an app, and on which ports",
	.commands = commands,
	.on = {
		[TRIGGER_PROXY_IS_ENABLED] = proxy_on_proxy_is_enabled,
		[TRIGGER_PROXY_TYPE] = proxy_on_proxy_type,
	},
};
