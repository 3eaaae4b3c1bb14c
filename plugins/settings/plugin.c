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

/* Commands for what this host does not have: they say what does their work. */
#define ABSENT(name, what)                                                               \
	COMMAND(name, ROLE_ADMIN, SCOPE_HOST, settings_cmd_absent, what, .usage = "...", \
		.flags = "num=/n tail/t global all quiet *", .args = { 0, -1 },          \
		.needs = HIDDEN)

#define ABSENT_PROXY(name)                                                      \
	ABSENT(name ":labels:add", "add a label to the proxy's container"),     \
		ABSENT(name ":labels:remove", "drop a label of the proxy"),     \
		ABSENT(name ":labels:show", "print labels of the proxy"),       \
		ABSENT(name ":logs", "logs of the proxy's container"),          \
		ABSENT(name ":show-config", "print the proxy's configuration"), \
		ABSENT(name ":start", "start the proxy's container"),           \
		ABSENT(name ":stop", "stop the proxy's container")

#define K3S(name) ABSENT("scheduler-k3s" name, "a Kubernetes cluster's")

static const struct command commands[] = {
	STORE_COMMANDS("app-json", "appjson-path, where app.json is"),
	STORE_COMMANDS("builder", "selected, build-dir or skip-cleanup"),
	STORE_COMMANDS("builder-dockerfile", "dockerfile-path"),
	STORE_COMMANDS("builder-herokuish", "allowed"),
	STORE_COMMANDS("builder-lambda", "lambdayml-path"),
	STORE_COMMANDS("builder-nixpacks", "nixpackstoml-path"),
	STORE_COMMANDS("builder-pack", "projecttoml-path"),
	STORE_COMMANDS("builder-railpack", "railpackjson-path"),
	STORE_COMMANDS("caddy", "what caddy would take"),
	ABSENT_PROXY("caddy"),
	STORE_COMMANDS("haproxy", "what haproxy would take"),
	ABSENT_PROXY("haproxy"),
	STORE_COMMANDS("openresty", "what openresty would take"),
	ABSENT_PROXY("openresty"),
	ABSENT("proxy:ports", "the old name of ports:list"),
	ABSENT("proxy:ports-add", "the old name of ports:add"),
	ABSENT("proxy:ports-clear", "the old name of ports:clear"),
	ABSENT("proxy:ports-remove", "the old name of ports:remove"),
	ABSENT("proxy:ports-set", "the old name of ports:set"),
	STORE_COMMANDS("registry", "where images would be pushed"),
	STORE_COMMANDS("scheduler", "the scheduler, or the shell of enter and run"),
	STORE_COMMANDS("scheduler-docker-local", "init-process, parallel-schedule-count"),
	K3S(""),
	K3S(":annotations:report"),
	K3S(":annotations:set"),
	K3S(":autoscaling-auth:report"),
	K3S(":autoscaling-auth:set"),
	K3S(":charts:report"),
	K3S(":charts:set"),
	K3S(":cluster:add"),
	K3S(":cluster:list"),
	K3S(":cluster:remove"),
	K3S(":ensure-charts"),
	K3S(":initialize"),
	K3S(":labels:report"),
	K3S(":labels:set"),
	K3S(":node-sysctls:report"),
	K3S(":node-sysctls:set"),
	K3S(":preview"),
	K3S(":profiles:add"),
	K3S(":profiles:list"),
	K3S(":profiles:remove"),
	COMMAND("scheduler-k3s:report", ROLE_VIEWER, SCOPE_APP_OR_ALL,
		settings_cmd_report, "report nothing: there is no cluster here",
		.usage = REPORT_USAGE, .flags = REPORT_FLAGS, .args = { 0, 0 },
		.needs = HIDDEN),
	K3S(":set"),
	K3S(":show-kubeconfig"),
	K3S(":uninstall"),
	STORE_COMMANDS("traefik", "what traefik would take"),
	ABSENT_PROXY("traefik"),
	COMMANDS_END,
};

/* Its name comes after that of every builder. */
const struct plugin plugin_foreign_builders = {
	.name = "builders",
	.on = {
		[TRIGGER_BUILDER_BUILD] = settings_on_foreign_build,
		[TRIGGER_BUILDER_DETECT] = settings_on_foreign_detect,
	},
};

const struct plugin plugin_settings = {
	.name = "builder",
	.summary = "where app.json is, builders and their files",
	.commands = commands,
	.on = {
		[TRIGGER_BUILDER_DETECT] = settings_on_builder_detect,
	},
};
