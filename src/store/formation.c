/* SPDX-License-Identifier: MIT */
#include "store/formation.h"

#include <string.h>

#include "util/cleanup.h"

int formation_load(struct store *st, int64_t app_id, json_t **types, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	json_t *all;
	int rc;

	if (store_query(st, &q, err,
			"SELECT process, quantity FROM formation WHERE app_id = ?1"
			" ORDER BY process",
			"i", app_id) < 0)
		return -1;
	all = json_object();
	if (!all)
		return err_set(err, ERR_HOST, "out of memory");
	while ((rc = store_step(st, q, err)) == 0)
		(void)json_object_set_new(all, (const char *)sqlite3_column_text(q, 0),
					  json_integer(sqlite3_column_int(q, 1)));
	if (rc < 0) {
		json_decref(all);
		return -1;
	}
	*types = all;
	return 0;
}

static int put_all(struct store *st, int64_t app_id, const json_t *types, struct err *err)
{
	const char *process;
	json_t *quantity;

	json_object_foreach((json_t *)types, process, quantity)
		if (store_exec(st, err,
			       "INSERT INTO formation(app_id, process, quantity)"
			       " VALUES(?1, ?2, ?3)"
			       " ON CONFLICT DO UPDATE SET quantity = excluded.quantity",
			       "isi", app_id, process,
			       (int64_t)json_integer_value(quantity)) != 0)
			return -1;
	return 0;
}

int formation_put(struct store *st, int64_t app_id, const json_t *types, struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (put_all(st, app_id, types, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int formation_replace(struct store *st, int64_t app_id, const json_t *types,
		      struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (store_exec(st, err, "DELETE FROM formation WHERE app_id = ?1", "i", app_id) !=
		    0 ||
	    put_all(st, app_id, types, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

json_t *formation_followed(const json_t *was, const json_t *found)
{
	bool first = json_object_size(was) == 0;
	json_t *now = json_object();
	const char *process;
	json_t *value;

	json_object_foreach((json_t *)found, process, value) {
		json_t *kept = json_object_get(was, process);
		int start = first && strcmp(process, "web") == 0 ? 1 : 0;

		if (strcmp(process, "release") == 0)
			continue;
		(void)json_object_set_new(now, process,
					  kept ? json_incref(kept) : json_integer(start));
	}
	return now;
}

int formation_follow(struct store *st, int64_t app_id, const json_t *found,
		     struct err *err)
{
	json_t *was = NULL;
	json_t *now;
	int rc;

	if (formation_load(st, app_id, &was, err) < 0)
		return -1;
	now = formation_followed(was, found);
	rc = json_equal(was, now) ? 0 : formation_replace(st, app_id, now, err);
	json_decref(was);
	json_decref(now);
	return rc;
}
