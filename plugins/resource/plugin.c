/* SPDX-License-Identifier: MIT */
#include "command/report.h"
#include "plugins/plugins.h"
#include "plugins/resource/resource.h"

#define CHANGE_USAGE                                                                     \
	"[--process-type <type>] [--memory|--memory-swap|--cpu|--pids|--disk|--network|" \
	"--network-ingress|--network-egress|--nvidia-gpu <value>] [--strict] <app>"
#define CHANGE_FLAGS                                                                    \
	"process-type= memory= memory-swap= cpu= pids= disk= network= network-ingress=" \
	" network-egress= nvidia-gpu= strict"
#define CLEAR_USAGE "[--process-type <type>] <app>"

static const struct command commands[] = {
	COMMAND("resource:limit", ROLE_OWNER, SCOPE_APP, resource_cmd_change,
		"show or set what instances may use at most; acts from the next start",
		.usage = CHANGE_USAGE, .flags = CHANGE_FLAGS, .args = { 0, 0 },
		.needs = NEEDS_WRITE),
	COMMAND("resource:limit-clear", ROLE_OWNER, SCOPE_APP, resource_cmd_clear,
		"go back to the default limits", .usage = CLEAR_USAGE,
		.flags = "process-type=", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("resource:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, resource_cmd_report,
		"report limits and reservations", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("resource:reserve", ROLE_OWNER, SCOPE_APP, resource_cmd_change,
		"show or set what is kept free for instances", .usage = CHANGE_USAGE,
		.flags = CHANGE_FLAGS, .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("resource:reserve-clear", ROLE_OWNER, SCOPE_APP, resource_cmd_clear,
		"reserve nothing", .usage = CLEAR_USAGE,
		.flags = "process-type=", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMANDS_END,
};

const struct plugin plugin_resource = {
	.name = "resource",
	.summary = "memory, cpu, processes and disk of instances",
	.commands = commands,
	.on = {
		[TRIGGER_DOCKER_ARGS_PROCESS_BUILD] = resource_on_docker_args,
		[TRIGGER_DOCKER_ARGS_PROCESS_DEPLOY] = resource_on_docker_args,
	},
};
