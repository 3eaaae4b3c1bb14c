/* SPDX-License-Identifier: MIT */
/* storage:set, and the notes of an entry: storage:labels:… and storage:annotations:… */
#include <string.h>

#include "plugins/storage/storage.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static bool is_property(const char *key)
{
	for (const char *const *p = storage_properties; *p; p++)
		if (strcmp(*p, key) == 0)
			return true;
	return false;
}

static int unknown_property(struct err *err)
{
	AUTO(strv_release) struct strv known = STRV_INIT;
	AUTO_FREE char *list = NULL;

	for (const char *const *p = storage_properties; *p; p++)
		strv_add(&known, *p);
	list = strv_join(&known, ", ");
	return err_set(err, ERR_USAGE,
		       "Invalid property specified, valid properties include: %s", list);
}

static int set_one(json_t *entry, const char *key, const char *value, struct err *err)
{
	if (!is_property(key))
		return unknown_property(err);
	if (strcmp(key, "access-mode") == 0 || strcmp(key, "storage-class-name") == 0)
		return err_set(err, ERR_REFUSED, "cannot change %s in place", key);
	return storage_change(entry, key, value, err);
}

/* The form with flags, which Dokku has deprecated. */
static int set_flags(struct request *req, json_t *entry, struct err *err)
{
	AUTO(strv_release) struct strv pairs = STRV_INIT;
	json_t *notes = json_object_get(entry, "annotations");

	out_warn(req->out, "Deprecated: davit storage:set %s <property> <value>%s",
		 req->argv[0],
		 request_value(req, "annotation") ? ", and storage:annotations:set" : "");
	for (const char *const *key = storage_properties; *key; key++) {
		const char *value = request_value(req, *key);

		if (value && set_one(entry, *key, value, err) < 0)
			return -1;
	}
	request_values(req, "annotation", &pairs);
	strv_foreach(pair, &pairs) {
		size_t n = strcspn(pair, "=");
		AUTO_FREE char *key = xstrndup(pair, n);

		if (n == 0 || !pair[n])
			return err_set(err, ERR_USAGE, "--annotation takes KEY=VALUE");
		if (!notes) {
			notes = json_object();
			(void)json_object_set_new(entry, "annotations", notes);
		}
		(void)json_object_set_new(notes, key, json_string(pair + n + 1));
	}
	return 0;
}

int storage_cmd_set(struct request *req, struct err *err)
{
	AUTO(json_at) json_t *entry = NULL;
	const char *value = req->argc > 2 ? req->argv[2] : "";

	if (storage_find(req->st, req->argv[0], &entry, err) < 0)
		return -1;
	if (req->argc > 1 && req->flags.len > 0)
		return err_set(err, ERR_USAGE,
			       "give either a property and a value or flags, not both");
	if (req->argc < 2 && req->flags.len == 0)
		return err_set(err, ERR_USAGE, "No property specified");
	if ((req->argc > 1 ? set_one(entry, req->argv[1], value, err)
			   : set_flags(req, entry, err)) < 0 ||
	    storage_make(entry, err) < 0 || storage_set_entry(req->st, entry, err) < 0)
		return -1;
	if (req->argc > 1)
		out_title(req->out, *value ? "Setting %s to %s" : "Unsetting %s",
			  req->argv[1], value);
	return 0;
}

/* "labels" or "annotations", and one of them. */
static const char *kind_of(const struct request *req)
{
	return strstr(req->command->name, ":labels:") ? "labels" : "annotations";
}

int storage_cmd_notes_set(struct request *req, struct err *err)
{
	const char *kind = kind_of(req);
	const char *key = req->argc > 1 ? req->argv[1] : "";
	const char *value = req->argc > 2 ? req->argv[2] : "";
	AUTO(json_at) json_t *entry = NULL;
	json_t *notes;

	if (storage_find(req->st, req->argv[0], &entry, err) < 0)
		return -1;
	if (!*key)
		return err_set(err, ERR_USAGE, "No %.*s key specified",
			       (int)strlen(kind) - 1, kind);
	notes = json_object_get(entry, kind);
	if (!notes) {
		notes = json_object();
		(void)json_object_set_new(entry, kind, notes);
	}
	if (*value)
		(void)json_object_set_new(notes, key, json_string(value));
	else
		(void)json_object_del(notes, key);
	if (json_object_size(notes) == 0)
		(void)json_object_del(entry, kind);
	out_title(req->out, *value ? "Setting %s to %s" : "Unsetting %s", key, value);
	return storage_set_entry(req->st, entry, err);
}

static int report_one(struct request *req, const char *name, struct err *err)
{
	const char *kind = kind_of(req);
	const char *format = request_value(req, "format");
	AUTO_FREE char *prefix = xasprintf("storage-%s.", kind);
	AUTO(json_at) json_t *entry = NULL;
	json_t *notes;
	const char *key;
	json_t *value;

	if (storage_find(req->st, name, &entry, err) < 0)
		return -1;
	notes = json_object_get(entry, kind);
	strv_foreach(flag, &req->flags) {
		if (strncmp(flag, "format=", 7) == 0)
			continue;
		value = strncmp(flag, prefix, strlen(prefix)) == 0
				? json_object_get(notes, flag + strlen(prefix))
				: NULL;
		if (!value)
			return err_set(err, ERR_USAGE,
				       "Invalid flag passed, valid flags: --%s<key>",
				       prefix);
		out_line(req->out, "%s", json_string_value(value));
		return 0;
	}
	if (format && strcmp(format, "json") == 0) {
		report_print_json(req->out, notes ? json_incref(notes) : json_object());
		return 0;
	}
	out_title(req->out, "%s %s information", name, kind);
	json_object_foreach(notes, key, value) {
		AUTO_FREE char *label = xasprintf(
			"%s %s:", strcmp(kind, "labels") == 0 ? "Label" : "Annotation",
			key);

		out_line(req->out, "       %-31s%s", label, json_string_value(value));
	}
	return 0;
}

int storage_cmd_notes_report(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (req->argc > 0)
		return report_one(req, req->argv[0], err);
	if (storage_names(req->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (report_one(req, name, err) < 0)
			return -1;
	return 0;
}
