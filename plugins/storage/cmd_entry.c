/* SPDX-License-Identifier: MIT */
/* storage:create, :destroy, :info, :list-entries and :wait. */
#include <ctype.h>
#include <string.h>

#include "command/confirm.h"
#include "plugins/storage/storage.h"
#include "runtime/helper.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

enum { NAME_MAX_LEN = 45 };

static int check_name(const char *name, struct err *err)
{
	size_t n = strlen(name);
	bool good = n > 0 && n <= NAME_MAX_LEN && name[0] != '-' && name[n - 1] != '-';

	for (const char *c = name; *c; c++)
		good = good && (islower((unsigned char)*c) ||
				isdigit((unsigned char)*c) || *c == '-');
	if (good && strncmp(name, "legacy-", 7) != 0)
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.80s' is not a name for a storage entry", name);
	return err_hint(err,
			"lower case letters, digits and dashes, at most %d; not legacy-…",
			NAME_MAX_LEN);
}

static int check_scheduler(const struct request *req, struct err *err)
{
	const char *scheduler = request_value(req, "scheduler");

	if (!scheduler || !*scheduler || strcmp(scheduler, "docker-local") == 0)
		return 0;
	if (request_value(req, "mode"))
		return err_set(err, ERR_USAGE,
			       "the scheduler %.40s does not accept --mode", scheduler);
	(void)err_set(err, ERR_REFUSED, "there is no scheduler %.40s here", scheduler);
	return err_hint(err,
			"entries are directories of this host: leave --scheduler out");
}

static json_t *new_entry(const char *name)
{
	AUTO_FREE char *path = storage_default_path(name);

	return json_pack("{s:s, s:s, s:s, s:i}", "name", name, "host_path", path,
			 "scheduler", "docker-local", "schema_version", 1);
}

/* --annotation and --label, K=V. */
static int take_notes(const struct request *req, const char *flag, const char *member,
		      json_t *entry, struct err *err)
{
	AUTO(strv_release) struct strv pairs = STRV_INIT;
	json_t *notes = json_object_get(entry, member);

	request_values(req, flag, &pairs);
	strv_foreach(pair, &pairs) {
		char *equals = strchr(pair, '=');

		if (!equals || equals == pair)
			return err_set(err, ERR_USAGE, "--%s takes KEY=VALUE", flag);
		*equals = '\0';
		if (!notes) {
			notes = json_object();
			(void)json_object_set_new(entry, member, notes);
		}
		(void)json_object_set_new(notes, pair, json_string(equals + 1));
	}
	return 0;
}

static int fill(struct request *req, json_t *entry, struct err *err)
{
	AUTO(storage_place_release) struct storage_place place = { .name = NULL };

	if (req->argc > 1) {
		if (req->argv[1][0] != '/')
			return err_set(err, ERR_USAGE, "'%.200s' is no absolute path",
				       req->argv[1]);
		if (storage_place_of(req->argv[1], &place, err) < 0)
			return -1;
		(void)json_object_set_new(entry, "host_path", json_string(req->argv[1]));
	}
	for (const char *const *key = storage_properties; *key; key++) {
		const char *value = request_value(req, *key);

		if (value && storage_change(entry, *key, value, err) < 0)
			return -1;
	}
	if (take_notes(req, "annotation", "annotations", entry, err) < 0 ||
	    take_notes(req, "label", "labels", entry, err) < 0)
		return -1;
	return 0;
}

int storage_cmd_create(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *entry = NULL;
	int rc;

	if (check_name(req->argv[0], err) < 0 || check_scheduler(req, err) < 0)
		return -1;
	rc = storage_entry(req->st, req->argv[0], &entry, err);
	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW)
		entry = new_entry(req->argv[0]);
	if (fill(req, entry, err) < 0 || storage_make(entry, err) < 0 ||
	    storage_set_entry(req->st, entry, err) < 0)
		return -1;
	out_step(req->out, "Storage entry %s is %s", req->argv[0],
		 storage_text(entry, "host_path"));
	return 0;
}

static int check_unused(struct store *st, const char *name, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	struct app app;
	size_t i;

	if (property_apps(st, "storage", "attachments", &apps, err) < 0)
		return -1;
	strv_foreach(app_name, &apps) {
		AUTO(json_at) json_t *list = NULL;
		json_t *a;

		if (app_find(st, app_name, &app, err) != 0 ||
		    storage_attachments(st, app.id, &list, err) < 0)
			return -1;
		json_array_foreach(list, i, a) {
			if (strcmp(storage_text(a, "entry"), name) != 0)
				continue;
			(void)err_set(err, ERR_REFUSED,
				      "storage entry %s is still mounted by %s", name,
				      app_name);
			return err_hint(err, "davit storage:unmount %s %s", app_name,
					name);
		}
	}
	return 0;
}

int storage_cmd_destroy(struct request *req, struct err *err)
{
	const char *name = req->argv[0];
	bool with_dir = request_flag(req, "destroy-host-dir");
	AUTO_FREE char *key = xasprintf("entry.%s", name);
	AUTO_FREE char *what = NULL;
	AUTO(json_at) json_t *entry = NULL;

	if (storage_find(req->st, name, &entry, err) < 0)
		return -1;
	if (with_dir && !storage_is_default(entry))
		return err_set(err, ERR_USAGE,
			       "--destroy-host-dir is only supported when the storage "
			       "entry uses the default host path");
	with_dir = with_dir ||
		   strcmp(storage_text(entry, "reclaim_policy"), "Delete") == 0;
	what = xasprintf(
		"This command will destroy storage entry %s%s%s%s.", name,
		with_dir ? " and " : "", with_dir ? storage_text(entry, "host_path") : "",
		with_dir ? ", which will be removed along with its contents" : "");
	if (check_unused(req->st, name, err) < 0 || confirm(req, name, what, err) < 0)
		return -1;
	if (with_dir &&
	    helper_one("storage-remove", json_pack("{s:s}", "name", name), NULL, err) < 0)
		return -1;
	if (property_unset(req->st, STORE_GLOBAL, "storage", key, err) < 0)
		return -1;
	out_step(req->out, "Storage entry %s is gone", name);
	return 0;
}

static void show_line(struct out *out, const char *member, const char *value)
{
	AUTO_FREE char *label = xasprintf("%s:", member);

	for (char *c = label; *c; c++)
		if (*c == '_')
			*c = ' ';
	label[0] = (char)toupper((unsigned char)label[0]);
	out_line(out, "       %-31s%s", label, value);
}

static void show(struct out *out, const json_t *entry)
{
	const char *member;
	json_t *value;

	out_title(out, "%s storage entry information", storage_text(entry, "name"));
	json_object_foreach((json_t *)entry, member, value) {
		const char *key;
		json_t *note;

		if (json_is_string(value))
			show_line(out, member, json_string_value(value));
		json_object_foreach(value, key, note) {
			AUTO_FREE char *name = xasprintf("%s %s", member, key);

			show_line(out, name, json_string_value(note));
		}
	}
}

static int wants_json(const struct request *req, bool *json, struct err *err)
{
	const char *format = request_value(req, "format");

	*json = format && strcmp(format, "json") == 0;
	if (!format || *json || strcmp(format, "text") == 0 ||
	    strcmp(format, "stdout") == 0)
		return 0;
	return err_set(err, ERR_USAGE, "Invalid format %.60s: it is json or text",
		       format);
}

int storage_cmd_info(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *entry = NULL;
	bool json;

	if (wants_json(req, &json, err) < 0 ||
	    storage_find(req->st, req->argv[0], &entry, err) < 0)
		return -1;
	if (json)
		report_print_json(req->out, json_incref(entry));
	else
		show(req->out, entry);
	return 0;
}

int storage_cmd_list_entries(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	const char *scheduler = request_value(req, "scheduler");
	json_t *all;
	bool json;

	if (wants_json(req, &json, err) < 0 || storage_names(req->st, &names, err) < 0)
		return -1;
	if (!json)
		out_title(req->out, "Storage entries");
	all = json_array();
	strv_foreach(name, &names) {
		AUTO(json_at) json_t *entry = NULL;

		if (storage_find(req->st, name, &entry, err) < 0) {
			json_decref(all);
			return -1;
		}
		if (scheduler && strcmp(scheduler, storage_text(entry, "scheduler")) != 0)
			continue;
		if (!json)
			out_line(req->out, "       %-24s %s", name,
				 storage_text(entry, "host_path"));
		(void)json_array_append(all, entry);
	}
	if (json)
		report_print_json(req->out, all);
	else
		json_decref(all);
	return 0;
}

int storage_cmd_wait(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *entry = NULL;

	if (storage_find(req->st, req->argv[0], &entry, err) < 0)
		return -1;
	/* A directory is there as soon as its entry is. */
	out_step(req->out, "Storage entry %s is ready", req->argv[0]);
	return 0;
}
