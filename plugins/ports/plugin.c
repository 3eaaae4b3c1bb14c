/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/ports/ports.h"

#define MAPS "<app> <scheme:host-port:container-port>..."

static const struct command commands[] = {
	COMMAND("ports:add", ROLE_OWNER, SCOPE_APP, ports_cmd_add, "add port mappings",
		.usage = MAPS, .args = { 1, -1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("ports:clear", ROLE_OWNER, SCOPE_APP, ports_cmd_clear,
		"drop the configured mappings; the detected ones count again",
		.usage = "<app>", .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("ports:list", ROLE_VIEWER, SCOPE_APP, ports_cmd_list,
		"list configured mappings; status 1 when there are none",
		.usage = "<app>", .args = { 0, 0 }),
	COMMAND("ports:remove", ROLE_OWNER, SCOPE_APP, ports_cmd_remove,
		"remove port mappings",
		.usage = "<app> <host-port|scheme:host-port:container-port>...",
		.args = { 1, -1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("ports:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, ports_cmd_report,
		"report configured and detected mappings", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("ports:set", ROLE_OWNER, SCOPE_APP, ports_cmd_set,
		"replace the port mappings", .usage = MAPS, .args = { 1, -1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMANDS_END,
};

const struct plugin plugin_ports = {
	.name = "ports",
	.summary = "which port of the host leads to which port of an app",
	.commands = commands,
	.on = {
		[TRIGGER_PORTS_GET] = ports_on_ports_get,
		[TRIGGER_PORTS_GET_AVAILABLE] = ports_on_ports_get_available,
		[TRIGGER_PORTS_SET_DETECTED] = ports_on_ports_set_detected,
		[TRIGGER_POST_CERTS_REMOVE] = ports_on_post_certs_remove,
		[TRIGGER_POST_CERTS_UPDATE] = ports_on_post_certs_update,
	},
};
