/* SPDX-License-Identifier: MIT */
#include "store/property.h"

#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

int property_find(struct store *st, int64_t app_id, const char *plugin, const char *key,
		  char **value, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT value FROM property"
			" WHERE app_id = ?1 AND plugin = ?2 AND key = ?3",
			"iss", app_id, plugin, key) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		*value = store_text(q, 0);
	return rc;
}

int property_get(struct store *st, struct property_key k, const char *otherwise,
		 char **value, struct err *err)
{
	int rc = property_find(st, k.app_id, k.plugin, k.key, value, err);

	if (rc == STORE_NO_ROW && k.app_id != STORE_GLOBAL)
		rc = property_find(st, STORE_GLOBAL, k.plugin, k.key, value, err);
	if (rc == STORE_NO_ROW) {
		*value = xstrdup(otherwise);
		rc = 0;
	}
	return rc;
}

int property_set(struct store *st, int64_t app_id, const char *plugin, const char *key,
		 const char *value, struct err *err)
{
	return store_exec(st, err,
			  "INSERT INTO property(app_id, plugin, key, value)"
			  " VALUES(?1, ?2, ?3, ?4)"
			  " ON CONFLICT DO UPDATE SET value = excluded.value",
			  "isss", app_id, plugin, key, value);
}

int property_unset(struct store *st, int64_t app_id, const char *plugin, const char *key,
		   struct err *err)
{
	return store_exec(
		st, err,
		"DELETE FROM property WHERE app_id = ?1 AND plugin = ?2 AND key = ?3",
		"iss", app_id, plugin, key);
}

int property_keys(struct store *st, int64_t app_id, const char *plugin,
		  const char *prefix, struct strv *keys, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT key FROM property WHERE app_id = ?1 AND plugin = ?2"
			" AND substr(key, 1, length(?3)) = ?3 ORDER BY key",
			"iss", app_id, plugin, prefix) < 0)
		return -1;
	return store_texts(st, q, keys, err);
}

int property_pairs(struct store *st, int64_t app_id, const char *plugin,
		   struct strv *pairs, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT key, value FROM property WHERE app_id = ?1"
			" AND plugin = ?2 ORDER BY key",
			"is", app_id, plugin) < 0)
		return -1;
	while ((rc = store_step(st, q, err)) == 0) {
		strv_take(pairs, store_text(q, 0));
		strv_take(pairs, store_text(q, 1));
	}
	return rc < 0 ? -1 : 0;
}

int property_plugins(struct store *st, int64_t app_id, struct strv *plugins,
		     struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT DISTINCT plugin FROM property WHERE app_id = ?1"
			" ORDER BY plugin",
			"i", app_id) < 0)
		return -1;
	return store_texts(st, q, plugins, err);
}

int property_list(struct store *st, int64_t app_id, const char *plugin, const char *key,
		  struct strv *lines, struct err *err)
{
	AUTO_FREE char *text = NULL;
	int rc = property_find(st, app_id, plugin, key, &text, err);

	if (rc == 0)
		strv_split(lines, text, "\n");
	return rc < 0 ? -1 : 0;
}

int property_list_set(struct store *st, int64_t app_id, const char *plugin,
		      const char *key, const struct strv *lines, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (lines->len == 0)
		return property_unset(st, app_id, plugin, key, err);
	strv_foreach(line, lines)
		buf_addf(&text, "%s\n", line);
	return property_set(st, app_id, plugin, key, text.data, err);
}

int property_clear(struct store *st, int64_t app_id, const char *plugin, struct err *err)
{
	return store_exec(st, err,
			  "DELETE FROM property WHERE app_id = ?1 AND plugin = ?2", "is",
			  app_id, plugin);
}

int property_everywhere(struct store *st, const char *plugin, const char *key,
			struct strv *values, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT value FROM property WHERE plugin = ?1 AND key = ?2", "ss",
			plugin, key) < 0)
		return -1;
	return store_texts(st, q, values, err);
}

int property_owner(struct store *st, const char *plugin, const char *key, int64_t *app_id,
		   struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT app_id FROM property WHERE plugin = ?1 AND key = ?2",
			"ss", plugin, key) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		*app_id = sqlite3_column_int64(q, 0);
	return rc;
}

#define NAMES_OF_APPS "SELECT DISTINCT name FROM property JOIN app ON app.id = app_id "

static int apps_where(struct store *st, const char *sql, const char *plugin,
		      const char *text, struct strv *apps, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, sql, "ss", plugin, text) < 0)
		return -1;
	return store_texts(st, q, apps, err);
}

int property_apps(struct store *st, const char *plugin, const char *prefix,
		  struct strv *apps, struct err *err)
{
	return apps_where(st,
			  NAMES_OF_APPS
			  "WHERE plugin = ?1 AND substr(key, 1, length(?2)) = ?2"
			  " ORDER BY name",
			  plugin, prefix, apps, err);
}

int property_apps_with(struct store *st, const char *plugin, const char *text,
		       struct strv *apps, struct err *err)
{
	return apps_where(st,
			  NAMES_OF_APPS
			  "WHERE plugin = ?1 AND instr(value, ?2) > 0 ORDER BY name",
			  plugin, text, apps, err);
}

int property_copy(struct store *st, int64_t from, int64_t to, struct err *err)
{
	return store_exec(st, err,
			  "INSERT OR REPLACE INTO property(app_id, plugin, key, value)"
			  " SELECT ?2, plugin, key, value FROM property"
			  " WHERE app_id = ?1 AND plugin NOT IN ('undo', 'pushed')",
			  "ii", from, to);
}
