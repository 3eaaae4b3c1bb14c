/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/storage/storage.h"
#include "runtime/helper.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

const char *const storage_properties[] = {
	"access-mode",        "chown", "mode", "namespace", "reclaim-policy", "size",
	"storage-class-name", NULL
};

int storage_find(struct store *st, const char *name, json_t **entry, struct err *err)
{
	int rc = storage_entry(st, name, entry, err);

	if (rc != STORE_NO_ROW)
		return rc;
	(void)err_set(err, ERR_REFUSED, "storage entry %.80s does not exist", name);
	return err_hint(err, "davit storage:list-entries, or davit storage:create %.60s",
			name);
}

int storage_names(struct store *st, struct strv *names, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(st, STORE_GLOBAL, "storage", "entry.", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys)
		strv_add(names, key + strlen("entry."));
	return 0;
}

bool storage_is_default(const json_t *entry)
{
	AUTO_FREE char *path = storage_default_path(storage_text(entry, "name"));

	return strcmp(path, storage_text(entry, "host_path")) == 0;
}

static int only_default(const json_t *entry, const char *key, struct err *err)
{
	if (storage_is_default(entry))
		return 0;
	return err_set(err, ERR_USAGE,
		       "--%s is only supported when the storage entry uses the default "
		       "host path",
		       key);
}

/* Three or four octal digits, without setuid, setgid and sticky bits. */
static int check_mode(const char *value, char mode[5], struct err *err)
{
	size_t n = strlen(value);

	if ((n != 3 && n != 4) || strspn(value, "01234567") != n ||
	    (n == 4 && value[0] != '0'))
		return err_set(err, ERR_USAGE,
			       "Unsupported directory mode: %.40s is not octal, as 0750",
			       value);
	(void)snprintf(mode, 5, "0%s", value + (n == 4));
	return 0;
}

static int check_value(const json_t *entry, const char *key, const char *value,
		       struct err *err)
{
	struct storage_owner o;

	if (strcmp(key, "chown") == 0)
		return storage_owner_of(value, &o, err) < 0
			       ? -1
			       : only_default(entry, key, err);
	if (strcmp(key, "mode") == 0)
		return only_default(entry, key, err);
	if (strcmp(key, "reclaim-policy") != 0)
		return 0;
	if (strcmp(value, "Delete") != 0 && strcmp(value, "Retain") != 0)
		return err_set(err, ERR_USAGE,
			       "reclaim-policy must be Delete or Retain, not %.40s",
			       value);
	return strcmp(value, "Delete") == 0 ? only_default(entry, "reclaim-policy", err)
					    : 0;
}

int storage_change(json_t *entry, const char *key, const char *value, struct err *err)
{
	AUTO_FREE char *member = xstrdup(key);
	char mode[5];

	for (char *c = member; *c; c++)
		if (*c == '-')
			*c = '_';
	if (!*value) {
		(void)json_object_del(entry, member);
		return 0;
	}
	if (strcmp(key, "mode") == 0) {
		if (check_mode(value, mode, err) < 0)
			return -1;
		value = mode;
	}
	if (check_value(entry, key, value, err) < 0)
		return -1;
	(void)json_object_set_new(entry, member, json_string(value));
	return 0;
}

int storage_make(const json_t *entry, struct err *err)
{
	const char *chown = storage_text(entry, "chown");
	const char *mode = storage_text(entry, "mode");
	struct storage_owner o = { .uid = -1, .gid = -1 };
	json_t *fields;

	if (!storage_is_default(entry))
		return 0;
	if (*chown && storage_owner_of(chown, &o, err) < 0)
		return -1;
	fields = json_pack("{s:s}", "name", storage_text(entry, "name"));
	if (o.uid >= 0) {
		(void)json_object_set_new(fields, "uid", json_integer(o.uid));
		(void)json_object_set_new(fields, "gid", json_integer(o.gid));
	}
	if (*mode)
		(void)json_object_set_new(fields, "mode",
					  json_integer(strtol(mode, NULL, 8)));
	return helper_one("storage", fields, NULL, err);
}
