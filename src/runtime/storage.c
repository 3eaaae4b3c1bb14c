/* SPDX-License-Identifier: MIT */
#include "runtime/storage.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/helper.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/name.h"
#include "util/paths.h"

#define DOKKU_STORAGE "/var/lib/dokku/data/storage"

void storage_place_release(struct storage_place *p)
{
	free(p->name);
	free(p->path);
	*p = (struct storage_place){ .name = NULL };
}

/* No "//", ".", "..", control character or slash at the end. */
static bool is_normal(const char *path)
{
	AUTO(strv_release) struct strv parts = STRV_INIT;
	AUTO_FREE char *again = NULL;

	if (path[0] != '/' || strlen(path) > 1024)
		return false;
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			return false;
	strv_split(&parts, path, "/");
	strv_foreach(part, &parts)
		if (strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
			return false;
	again = strv_join(&parts, "/");
	return strcmp(again, path + 1) == 0;
}

/* "NAME/sub" of a path below one of the names of our storage, or NULL. */
static const char *below_storage(const char *path)
{
	AUTO_FREE char *moved = paths_in(paths_root(), "storage");
	const char *const roots[] = { DOKKU_STORAGE, DAVIT_ROOT_DIR "/data/storage",
				      DAVIT_ROOT_DIR "/storage", moved };

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		size_t n = strlen(roots[i]);

		if (strncmp(path, roots[i], n) == 0 && path[n] == '/')
			return path + n + 1;
	}
	return NULL;
}

static int not_a_place(const char *host, struct err *err)
{
	(void)err_set(err, ERR_USAGE,
		      "'%.200s' is neither a directory of the host nor a name of storage",
		      host);
	return err_hint(err, "give /absolute/path:/path/in/app, or name:/path/in/app");
}

int storage_place_of(const char *host, struct storage_place *p, struct err *err)
{
	const char *rest = host;
	size_t n;

	*p = (struct storage_place){ .name = NULL };
	if (host[0] == '/') {
		if (!is_normal(host))
			return not_a_place(host, err);
		rest = below_storage(host);
		if (!rest) {
			p->path = xstrdup(host);
			return 0;
		}
	}
	n = strcspn(rest, "/");
	p->name = xstrndup(rest, n);
	if (rest[n])
		p->path = xstrdup(rest + n);
	if (name_is_id(p->name) && (!p->path || is_normal(p->path)))
		return 0;
	storage_place_release(p);
	return not_a_place(host, err);
}

int storage_check_own(const struct storage_place *p, const struct app *app,
		      struct err *err)
{
	if (p->name && strcmp(p->name, app->name) == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "only an admin may give %s %s", app->name,
		      p->name ? "storage of another name" : "a directory of the host");
	return err_hint(err, "storage named as the app is yours: %s:/path/in/app",
			app->name);
}

int storage_is_allowed(const struct storage_place *p, bool *allowed, struct err *err)
{
	AUTO(json_at) json_t *reply = NULL;

	*allowed = true;
	if (p->name)
		return 0;
	if (helper_one("mountable", json_pack("{s:s}", "path", p->path), &reply, err) < 0)
		return -1;
	*allowed = !json_is_false(json_object_get(reply, "allowed"));
	return 0;
}

int storage_check_target(const char *target, struct err *err)
{
	static const char *const kernels[] = { "/proc", "/sys", "/dev" };

	if (!is_normal(target) || !target[1]) {
		(void)err_set(err, ERR_USAGE,
			      "'%.200s' is no absolute path in the container", target);
		return err_hint(err, "for example /app/storage");
	}
	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		size_t n = strlen(kernels[i]);

		if (strncmp(target, kernels[i], n) == 0 &&
		    (!target[n] || target[n] == '/'))
			return err_set(err, ERR_USAGE, "nothing can be mounted below %s",
				       kernels[i]);
	}
	return 0;
}

json_t *storage_mount(const struct storage_place *p, const char *target, bool readonly)
{
	json_t *m = json_pack("{s:s, s:s, s:b}", "kind", p->name ? "storage" : "host",
			      "target", target, "readonly", readonly);

	if (p->name)
		(void)json_object_set_new(m, "name", json_string(p->name));
	if (p->path)
		(void)json_object_set_new(m, "path", json_string(p->path));
	return m;
}

char *storage_default_path(const char *name)
{
	return paths_in(paths_root(), "storage/%s", name);
}

static int parse_row(const char *text, json_t **j, struct err *err)
{
	if (jsonc_parse(text, strlen(text), j, err) < 0)
		return err_context(err, "what the store knows of storage");
	return 0;
}

int storage_attachments(struct store *st, int64_t app_id, json_t **list, struct err *err)
{
	AUTO_FREE char *text = NULL;
	int rc = property_find(st, app_id, "storage", "attachments", &text, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return parse_row(text, list, err);
	*list = json_array();
	return 0;
}

int storage_set_attachments(struct store *st, int64_t app_id, const json_t *list,
			    struct err *err)
{
	AUTO_FREE char *text = json_dumps(list, JSON_COMPACT);

	if (json_array_size(list) == 0)
		return property_unset(st, app_id, "storage", "attachments", err) < 0 ? -1
										     : 0;
	if (!text)
		return err_set(err, ERR_USAGE, "a text is not UTF-8");
	return property_set(st, app_id, "storage", "attachments", text, err) < 0 ? -1 : 0;
}

int storage_entry(struct store *st, const char *name, json_t **entry, struct err *err)
{
	AUTO_FREE char *key = xasprintf("entry.%s", name);
	AUTO_FREE char *text = NULL;
	int rc = property_find(st, STORE_GLOBAL, "storage", key, &text, err);

	return rc == 0 ? parse_row(text, entry, err) : rc;
}

int storage_set_entry(struct store *st, const json_t *entry, struct err *err)
{
	AUTO_FREE char *key = xasprintf("entry.%s", storage_text(entry, "name"));
	AUTO_FREE char *text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);

	if (!text)
		return err_set(err, ERR_USAGE, "a text is not UTF-8");
	return property_set(st, STORE_GLOBAL, "storage", key, text, err) < 0 ? -1 : 0;
}

const char *storage_text(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

char *storage_host_side(struct store *st, const json_t *attachment)
{
	const char *entry = storage_text(attachment, "entry");
	const char *sub = storage_text(attachment, "subpath");
	const char *host = storage_text(attachment, "host");
	AUTO(json_at) json_t *row = NULL;
	struct err ignored;

	if (*entry) {
		if (storage_entry(st, entry, &row, &ignored) != 0)
			return NULL;
		host = storage_text(row, "host_path");
	}
	return *sub ? xasprintf("%s/%s", host, sub) : xstrdup(host);
}

static bool has_word(const char *list, const char *word)
{
	AUTO(strv_release) struct strv words = STRV_INIT;

	strv_split(&words, list, ",");
	return strv_find(&words, word) >= 0;
}

static int add_one(struct store *st, const json_t *a, json_t *mounts, struct err *err)
{
	AUTO(storage_place_release) struct storage_place p = { .name = NULL };
	AUTO_FREE char *host = storage_host_side(st, a);
	bool readonly = json_is_true(json_object_get(a, "readonly")) ||
			has_word(storage_text(a, "options"), "ro");

	if (!host) {
		(void)err_set(err, ERR_REFUSED, "storage entry %s does not exist",
			      storage_text(a, "entry"));
		return err_hint(err, "davit storage:create %s, or davit storage:unmount",
				storage_text(a, "entry"));
	}
	if (storage_place_of(host, &p, err) < 0)
		return -1;
	(void)json_array_append_new(
		mounts, storage_mount(&p, storage_text(a, "target"), readonly));
	return 0;
}

int storage_add_mounts(struct store *st, const struct app *app, const char *phase,
		       const char *process, json_t *mounts, struct err *err)
{
	AUTO(json_at) json_t *list = NULL;
	json_t *a;
	size_t i;

	if (storage_attachments(st, app->id, &list, err) < 0)
		return -1;
	json_array_foreach(list, i, a) {
		const char *only = storage_text(a, "process");

		if (!has_word(storage_text(a, "phases"), phase) ||
		    (strcmp(only, "_default_") != 0 && strcmp(only, process) != 0))
			continue;
		if (add_one(st, a, mounts, err) < 0)
			return -1;
	}
	return 0;
}
