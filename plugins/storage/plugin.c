/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"
#include "plugins/storage/storage.h"

#define ENTRY_FLAGS                                                       \
	"size= access-mode= storage-class-name= namespace= chown= mode= " \
	"reclaim-policy= annotation= "

#define NOTES(kind, what)                                                       \
	COMMAND("storage:" kind ":report", ROLE_ADMIN, SCOPE_HOST,              \
		storage_cmd_notes_report, "report " what " of storage entries", \
		.usage = "[<name>] [--format stdout|json] [--<flag>]",          \
		.flags = "format= *", .args = { 0, 1 }),                        \
		COMMAND("storage:" kind ":set", ROLE_ADMIN, SCOPE_HOST,         \
			storage_cmd_notes_set,                                  \
			"set or clear one of the " what " of a "                \
			"storage entry",                                        \
			.usage = "<name> <key> [<value>]", .args = { 1, 3 },    \
			.needs = NEEDS_WRITE)

static const struct command commands[] = {
	NOTES("annotations", "annotations"),
	COMMAND("storage:create", ROLE_ADMIN, SCOPE_HOST, storage_cmd_create,
		"register a directory of the host under a name",
		.usage =
			"<name> [<path>] [--chown <owner>] [--mode <octal>] "
			"[--reclaim-policy Delete|Retain] [--annotation K=V] [--label K=V]",
		.flags = ENTRY_FLAGS "label= scheduler=", .args = { 1, 2 },
		.needs = NEEDS_WRITE),
	COMMAND("storage:destroy", ROLE_ADMIN, SCOPE_HOST, storage_cmd_destroy,
		"forget a storage entry that no app mounts",
		.usage = "<name> [--force] [--destroy-host-dir]",
		.flags = "destroy-host-dir", .args = { 1, 1 }, .needs = NEEDS_WRITE),
	COMMAND("storage:ensure-directory", ROLE_ADMIN, SCOPE_HOST,
		storage_cmd_ensure_directory, "make a directory below davit's storage",
		.usage = "[--chown herokuish|heroku|paketo|root|false|<uid>:<gid>] "
			 "<directory>",
		.flags = "chown=", .args = { 1, 1 }, .needs = NEEDS_WRITE),
	COMMAND("storage:exec", ROLE_ADMIN, SCOPE_HOST, storage_cmd_exec,
		"how to look into a storage entry", .usage = "<name>",
		.flags = "image= as-user=", .args = { 1, -1 }),
	COMMAND("storage:info", ROLE_ADMIN, SCOPE_HOST, storage_cmd_info,
		"show a storage entry", .usage = "<name> [--format text|json]",
		.flags = "format=", .args = { 1, 1 }),
	NOTES("labels", "labels"),
	COMMAND("storage:list", ROLE_VIEWER, SCOPE_APP, storage_cmd_list,
		"list what an app has mounted", .usage = "<app> [--format text|json]",
		.flags = "format=", .args = { 0, 0 }),
	COMMAND("storage:list-entries", ROLE_ADMIN, SCOPE_HOST, storage_cmd_list_entries,
		"list the storage entries of this host",
		.usage = "[--scheduler <scheduler>] [--format text|json]",
		.flags = "format= scheduler=", .args = { 0, 0 }),
	COMMAND("storage:migrate", ROLE_OWNER, SCOPE_APP_OR_ALL, storage_cmd_migrate,
		"convert -v of docker-options; nothing to do here",
		.usage = "<app>|--all", .flags = "all", .args = { 0, 0 }),
	COMMAND("storage:mount", ROLE_OWNER, SCOPE_APP, storage_cmd_mount,
		"mount storage into an app; acts from the next start",
		.usage =
			"<app> <entry|host:container[:options]> [--container-dir <path>] "
			"[--phase deploy|run] [--process-type <type>] "
			"[--volume-subpath <path>] [--volume-readonly] "
			"[--volume-chown <owner>] [--volume-options <options>]",
		.flags = "container-dir= phase= process-type= volume-subpath= "
			 "volume-readonly volume-chown= volume-options=",
		.args = { 1, 1 }, .needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("storage:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, storage_cmd_report,
		"report mounts", .usage = REPORT_USAGE, .flags = REPORT_FLAGS,
		.args = { 0, 0 }),
	COMMAND("storage:set", ROLE_ADMIN, SCOPE_HOST, storage_cmd_set,
		"change a storage entry", .usage = "<name> <property> [<value>]",
		.flags = ENTRY_FLAGS, .args = { 1, 3 }, .needs = NEEDS_WRITE),
	COMMAND("storage:unmount", ROLE_OWNER, SCOPE_APP, storage_cmd_unmount,
		"unmount storage from an app; acts from the next start",
		.usage = "<app> <entry|host:container> [--container-dir <path>]",
		.flags = "container-dir=", .args = { 1, 1 },
		.needs = NEEDS_WRITE | NOTES_WORDS),
	COMMAND("storage:wait", ROLE_ADMIN, SCOPE_HOST, storage_cmd_wait,
		"wait until a storage entry can be mounted", .usage = "<name>",
		.args = { 1, 1 }),
	COMMANDS_END,
};

const struct plugin plugin_storage = {
	.name = "storage",
	.summary = "Manage mounted volumes",
	.commands = commands,
	.on = { [TRIGGER_STORAGE_LIST] = storage_on_storage_list },
};
