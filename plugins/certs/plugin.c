/* SPDX-License-Identifier: MIT */
#include "command/report.h"
#include "plugins/certs/certs.h"
#include "plugins/plugins.h"

#define PAIR_USAGE "<app> <crt> <key>, or <app> < tar"

static const struct command commands[] = {
	HEAVY_COMMAND("certs:add", ROLE_OWNER, SCOPE_APP, certs_cmd_add,
		      "serve an app over https with this certificate and key",
		      .usage = PAIR_USAGE, .args = { 0, 2 },
		      .needs = NEEDS_WRITE | OPENS_FILES),
	HEAVY_COMMAND("certs:update", ROLE_OWNER, SCOPE_APP, certs_cmd_add,
		      "replace an app's certificate and key", .usage = PAIR_USAGE,
		      .args = { 0, 2 }, .needs = NEEDS_WRITE | OPENS_FILES),
	HEAVY_COMMAND("certs:facts", ROLE_VIEWER, SCOPE_APP, certs_cmd_facts,
		      "keep what an app's certificate says, and print it",
		      .usage = "<app>", .args = { 0, 0 },
		      .needs = NEEDS_WRITE | HIDDEN | QUIET_EVENT),
	HEAVY_COMMAND("certs:generate", ROLE_OWNER, SCOPE_APP, certs_cmd_generate,
		      "make a key and a self-signed certificate",
		      .usage = "<app> <domain>", .args = { 1, 1 }, .needs = NEEDS_WRITE),
	HEAVY_COMMAND("certs:remove", ROLE_OWNER, SCOPE_APP, certs_cmd_remove,
		      "take an app's certificate and key away", .usage = "<app>",
		      .args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("certs:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, certs_cmd_report,
		"report subject, issuer, dates and names of certificates",
		.usage = REPORT_USAGE, .flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("certs:show", ROLE_OWNER, SCOPE_APP, certs_cmd_show,
		"print an app's certificate, or to root its key",
		.usage = "<app> crt|key", .args = { 1, 1 }, .root_file = certs_key_file),
	COMMANDS_END,
};

const struct plugin plugin_certs = {
	.name = "certs",
	.summary = "certificates of apps",
	.commands = commands,
	.on = {
		[TRIGGER_CERTS_EXISTS] = certs_on_certs_exists,
		[TRIGGER_POST_APP_CLONE_SETUP] = certs_on_clone,
	},
};
