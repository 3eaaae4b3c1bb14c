/* SPDX-License-Identifier: MIT */
#include "store/config.h"

#include <string.h>

#include "util/cleanup.h"
#include "util/name.h"

static int load_sql(struct store *st, int64_t app_id, const char *sql, json_t **vars,
		    struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	json_t *all = json_object();
	int rc;

	if (!all)
		return err_set(err, ERR_HOST, "out of memory");
	if (store_query(st, &q, err, sql, "i", app_id) < 0) {
		json_decref(all);
		return -1;
	}
	while ((rc = store_step(st, q, err)) == 0)
		(void)json_object_set_new(
			all, (const char *)sqlite3_column_text(q, 0),
			json_string((const char *)sqlite3_column_text(q, 1)));
	if (rc < 0) {
		json_decref(all);
		return -1;
	}
	*vars = all;
	return 0;
}

int config_load(struct store *st, int64_t app_id, json_t **vars, struct err *err)
{
	return load_sql(st, app_id,
			"SELECT key, value FROM config WHERE app_id = ?1 ORDER BY key",
			vars, err);
}

int config_merged(struct store *st, int64_t app_id, json_t **vars, struct err *err)
{
	return load_sql(st, app_id,
			"SELECT key, value FROM config AS c WHERE app_id = ?1"
			" OR (app_id = 0 AND NOT EXISTS (SELECT 1 FROM config AS own"
			"  WHERE own.app_id = ?1 AND own.key = c.key)) ORDER BY key",
			vars, err);
}

int config_find(struct store *st, int64_t app_id, const char *key, char **value,
		struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT value FROM config WHERE app_id = ?1 AND key = ?2", "is",
			app_id, key) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		*value = store_text(q, 0);
	return rc;
}

static int put_all(struct store *st, int64_t app_id, const json_t *vars, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)vars, key, value)
		if (store_exec(st, err,
			       "INSERT INTO config(app_id, key, value) VALUES(?1, ?2, ?3)"
			       " ON CONFLICT DO UPDATE SET value = excluded.value",
			       "iss", app_id, key, json_string_value(value)) != 0)
			return -1;
	return 0;
}

int config_put(struct store *st, int64_t app_id, const json_t *vars, struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (put_all(st, app_id, vars, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int config_remove(struct store *st, int64_t app_id, const char *const *keys,
		  struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	for (; *keys; keys++)
		if (store_exec(st, err,
			       "DELETE FROM config WHERE app_id = ?1 AND key = ?2", "is",
			       app_id, *keys) != 0) {
			store_rollback(st);
			return -1;
		}
	return store_commit(st, err);
}

int config_replace(struct store *st, int64_t app_id, const json_t *vars, struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (store_exec(st, err, "DELETE FROM config WHERE app_id = ?1", "i", app_id) !=
		    0 ||
	    put_all(st, app_id, vars, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int config_check(const char *key, const char *value, size_t len, struct err *err)
{
	json_t *text;

	if (!name_is_env(key)) {
		(void)err_set(err, ERR_USAGE, "Invalid key name: '%.200s'", key);
		return err_hint(err,
				"a name is letters, digits and _, and does not begin "
				"with a digit");
	}
	if (len > CONFIG_VALUE_MAX) {
		(void)err_set(err, ERR_USAGE,
			      "the value of %s is %zu bytes; the most is %d", key, len,
			      CONFIG_VALUE_MAX);
		return err_hint(err, "keep large data in a file or in a storage mount");
	}
	if (memchr(value, '\0', len)) {
		(void)err_set(err, ERR_USAGE, "the value of %s has a NUL byte", key);
		return err_hint(err,
				"a variable cannot hold one; store it base64-encoded and "
				"decode it in the app");
	}
	text = json_stringn(value, len);
	if (!text) {
		(void)err_set(err, ERR_USAGE, "the value of %s is not UTF-8 text", key);
		return err_hint(err, "store it base64-encoded and decode it in the app");
	}
	json_decref(text);
	return 0;
}

int config_check_total(const json_t *merged, struct err *err)
{
	const char *key;
	json_t *value;
	size_t total = 0;

	json_object_foreach((json_t *)merged, key, value)
		total += strlen(key) + json_string_length(value) + 2;
	if (total <= CONFIG_TOTAL_MAX)
		return 0;
	(void)err_set(err, ERR_REFUSED,
		      "all variables together would be %zu bytes; the most is %d", total,
		      CONFIG_TOTAL_MAX);
	return err_hint(err, "keep large data in a file or in a storage mount");
}
