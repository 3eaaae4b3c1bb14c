/* SPDX-License-Identifier: MIT */
#include "store/app.h"

#include <stdio.h>

#include "util/cleanup.h"
#include "util/clock.h"

#define COLUMNS "id, name, created_at, locked"

static void take_row(sqlite3_stmt *q, struct app *app)
{
	*app = (struct app){
		.id = sqlite3_column_int64(q, 0),
		.created_at = sqlite3_column_int64(q, 2),
		.locked = sqlite3_column_int(q, 3) != 0,
	};
	(void)snprintf(app->name, sizeof app->name, "%s",
		       (const char *)sqlite3_column_text(q, 1));
}

int app_find(struct store *st, const char *name, struct app *app, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err, "SELECT " COLUMNS " FROM app WHERE name = ?1", "s",
			name) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		take_row(q, app);
	return rc;
}

int app_need(struct store *st, const char *name, struct app *app, struct err *err)
{
	int rc = app_find(st, name ? name : "", app, err);

	return rc == STORE_NO_ROW ? err_set(err, ERR_NO_APP, "App %s does not exist",
					    name ? name : "")
				  : rc;
}

int app_missing(const char *name, struct err *err)
{
	(void)err_set(err, ERR_NO_APP, "App %s does not exist", name);
	return err_hint(err,
			"davit apps:list shows the apps; davit apps:create %s makes it",
			name);
}

int app_find_id(struct store *st, int64_t id, struct app *app, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err, "SELECT " COLUMNS " FROM app WHERE id = ?1", "i",
			id) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		take_row(q, app);
	return rc;
}

int app_create(struct store *st, const char *name, struct app *app, struct err *err)
{
	int rc = store_exec(st, err, "INSERT INTO app(name, created_at) VALUES(?1, ?2)",
			    "si", name, clock_now());

	return rc == 0 ? app_find(st, name, app, err) : rc;
}

int app_rename(struct store *st, int64_t id, const char *to, struct err *err)
{
	int rc = store_exec(st, err, "UPDATE app SET name = ?1 WHERE id = ?2", "si", to,
			    id);

	if (rc != 0)
		return rc;
	return sqlite3_changes(st->db) == 1 ? 0 : STORE_NO_ROW;
}

int app_delete(struct store *st, int64_t id, struct err *err)
{
	static const char *const tables[] = {
		"DELETE FROM property WHERE app_id = ?1",
		"DELETE FROM config WHERE app_id = ?1",
		"DELETE FROM domain WHERE app_id = ?1",
		"DELETE FROM app WHERE id = ?1",
	};

	if (store_begin(st, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (store_exec(st, err, tables[i], "i", id) != 0) {
			store_rollback(st);
			return -1;
		}
	return store_commit(st, err);
}

int app_set_locked(struct store *st, int64_t id, bool locked, struct err *err)
{
	return store_exec(st, err, "UPDATE app SET locked = ?1 WHERE id = ?2", "di",
			  locked ? 1 : 0, id);
}

int app_names(struct store *st, struct strv *names, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, "SELECT name FROM app ORDER BY name", "") < 0)
		return -1;
	return store_texts(st, q, names, err);
}
