/* SPDX-License-Identifier: MIT */
#include "store/release.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/cleanup.h"
#include "util/clock.h"

#define COLUMNS                                                                           \
	"id, app_id, number, created_at, state, author, reason, source, revision, image," \
	" config, formation, ran_release_command"

void release_release(struct release *r)
{
	free(r->author);
	free(r->reason);
	free(r->source);
	free(r->revision);
	image_release(&r->image);
	json_decref(r->config);
	json_decref(r->formation);
	*r = (struct release)RELEASE_INIT;
}

static json_t *parse(sqlite3_stmt *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	return text ? json_loads(text, 0, NULL) : NULL;
}

static int take_row(sqlite3_stmt *q, struct release *r, struct err *err)
{
	json_t *image = parse(q, 9);
	int rc;

	*r = (struct release){
		.id = sqlite3_column_int64(q, 0),
		.app_id = sqlite3_column_int64(q, 1),
		.number = sqlite3_column_int64(q, 2),
		.created_at = sqlite3_column_int64(q, 3),
		.author = store_text(q, 5),
		.reason = store_text(q, 6),
		.source = store_text(q, 7),
		.revision = store_text(q, 8),
		.image = IMAGE_INIT,
		.config = parse(q, 10),
		.formation = parse(q, 11),
		.ran_release_command = sqlite3_column_int(q, 12) != 0,
	};
	(void)snprintf(r->state, sizeof r->state, "%s",
		       (const char *)sqlite3_column_text(q, 4));
	rc = image_from_json(&r->image, image, err);
	json_decref(image);
	if (rc == 0 && (!r->config || !r->formation))
		rc = err_set(err, ERR_HOST, "release %lld is unreadable",
			     (long long)r->id);
	if (rc < 0)
		release_release(r);
	return rc;
}

static int one(struct store *st, sqlite3_stmt *q, struct release *r, struct err *err)
{
	int rc = store_step(st, q, err);

	return rc == 0 ? take_row(q, r, err) : rc;
}

int release_live(struct store *st, int64_t app_id, struct release *r, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM release"
			" WHERE app_id = ?1 AND state = 'live'",
			"i", app_id) < 0)
		return -1;
	return one(st, q, r, err);
}

int release_find(struct store *st, int64_t app_id, int64_t number, struct release *r,
		 struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS
			" FROM release WHERE app_id = ?1 AND number = ?2",
			"ii", app_id, number) < 0)
		return -1;
	return one(st, q, r, err);
}

int release_find_id(struct store *st, int64_t id, struct release *r, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, "SELECT " COLUMNS " FROM release WHERE id = ?1", "i",
			id) < 0)
		return -1;
	return one(st, q, r, err);
}

static int insert(struct store *st, struct release *r, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	json_t *image = image_to_json(&r->image);
	AUTO_FREE char *image_text = json_dumps(image, JSON_COMPACT);
	AUTO_FREE char *config = json_dumps(r->config, JSON_COMPACT | JSON_SORT_KEYS);
	AUTO_FREE char *formation = json_dumps(r->formation, JSON_COMPACT);

	json_decref(image);
	r->created_at = clock_now();
	if (store_query(st, &q, err,
			"INSERT INTO release(app_id, number, created_at, state, author,"
			" reason, source, revision, image, config, formation)"
			" VALUES(?1, (SELECT coalesce(max(number), 0) + 1 FROM release"
			"  WHERE app_id = ?1), ?2, 'new', ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
			" RETURNING id, number",
			"iisssssss", r->app_id, r->created_at, r->author, r->reason,
			r->source, r->revision, image_text, config, formation) < 0 ||
	    store_step(st, q, err) != 0)
		return err_context(err, "write the release");
	r->id = sqlite3_column_int64(q, 0);
	r->number = sqlite3_column_int64(q, 1);
	if (store_step(st, q, err) != STORE_NO_ROW) /* the end writes it */
		return err_context(err, "write the release");
	(void)snprintf(r->state, sizeof r->state, "new");
	return 0;
}

int release_add(struct store *st, struct release *r, struct err *err)
{
	return insert(st, r, err);
}

int release_set_live(struct store *st, const struct release *r, struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (store_exec(st, err,
		       "UPDATE release SET state = 'past'"
		       " WHERE app_id = ?1 AND state = 'live' AND id != ?2",
		       "ii", r->app_id, r->id) != 0 ||
	    store_exec(st, err, "UPDATE release SET state = 'live' WHERE id = ?1", "i",
		       r->id) != 0) {
		store_rollback(st);
		return err_context(err, "make release v%lld live", (long long)r->number);
	}
	return store_commit(st, err);
}

int release_set_failed(struct store *st, int64_t id, struct err *err)
{
	return store_exec(
		st, err,
		"UPDATE release SET state = 'failed' WHERE id = ?1 AND state = 'new'",
		"i", id);
}

int release_set_image(struct store *st, const struct release *r, struct err *err)
{
	json_t *image = image_to_json(&r->image);
	AUTO_FREE char *text = json_dumps(image, JSON_COMPACT);

	json_decref(image);
	return store_exec(st, err,
			  "UPDATE release SET image = ?2 WHERE id = ?1 AND state = 'new'",
			  "is", r->id, text);
}

int release_mark_ran_command(struct store *st, int64_t id, struct err *err)
{
	return store_exec(st, err,
			  "UPDATE release SET ran_release_command = 1 WHERE id = ?1", "i",
			  id);
}

int release_delete(struct store *st, int64_t id, struct err *err)
{
	return store_exec(st, err, "DELETE FROM release WHERE id = ?1", "i", id);
}

int release_each(struct store *st, int64_t app_id,
		 int (*fn)(void *ctx, const struct release *r, struct err *err),
		 void *ctx, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM release WHERE app_id = ?1"
			" ORDER BY number DESC",
			"i", app_id) < 0)
		return -1;
	while ((rc = store_step(st, q, err)) == 0) {
		AUTO(release_release) struct release r = RELEASE_INIT;

		if (take_row(q, &r, err) < 0)
			return -1;
		rc = fn(ctx, &r, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	return rc < 0 ? -1 : 0;
}

/* Rows that pruning is about: ?1 the app, ?2 how many to keep.  Failed releases are not
 * counted: a row of bad pushes must not cost what a rollback wants. */
#define KEPT_ROWS                                   \
	"(SELECT id FROM release WHERE app_id = ?1" \
	"  AND state IN ('live', 'past') ORDER BY number DESC LIMIT ?2)"
#define OLD_ROWS                                                   \
	"release.app_id = ?1 AND state IN ('past', 'failed')"      \
	" AND release.id NOT IN (SELECT release_id FROM instance)" \
	" AND (state = 'failed' OR release.id NOT IN " KEPT_ROWS ")"

static int take_column(struct store *st, const char *sql, int64_t app_id,
		       const char *rows, struct strv *to, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, sql, "is", app_id, rows) < 0)
		return -1;
	return store_texts(st, q, to, err);
}

void unused_release(struct unused *u)
{
	free(u->rows);
	strv_release(&u->layers);
	strv_release(&u->trees);
}

static int old_rows(struct store *st, int64_t app_id, int keep, char **rows,
		    struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT json_group_array(id) FROM release WHERE " OLD_ROWS, "id",
			app_id, keep) < 0 ||
	    store_step(st, q, err) != 0)
		return -1;
	*rows = store_text(q, 0);
	return 0;
}

int release_unused(struct store *st, int64_t app_id, int keep, struct unused *u,
		   struct err *err)
{
#define THEM "(SELECT value FROM json_each(?2))"
	static const char layers_sql[] =
		"SELECT DISTINCT j.value FROM release, json_each(image, '$.layers') j"
		" WHERE release.app_id = ?1 AND release.id IN " THEM
		" EXCEPT SELECT j.value FROM release, json_each(image, '$.layers') j"
		" WHERE release.id NOT IN " THEM " EXCEPT SELECT value FROM property"
		" WHERE app_id = 0 AND plugin = 'stack'"
		/* dependencies that the next build will use again */
		" EXCEPT SELECT value ->> '$.deps' FROM property"
		" WHERE plugin = 'builder-buildpack' AND key = 'memo'"
		" EXCEPT SELECT value ->> '$.prune' FROM property"
		" WHERE plugin = 'builder-buildpack' AND key = 'memo'";
	static const char trees_sql[] =
		"SELECT DISTINCT image ->> '$.static_tree' FROM release"
		" WHERE image ->> '$.static_tree' IS NOT NULL AND release.id IN " THEM
		" EXCEPT SELECT image ->> '$.static_tree' FROM release"
		" WHERE app_id = ?1 AND release.id NOT IN " THEM;

	if (old_rows(st, app_id, keep, &u->rows, err) < 0 ||
	    take_column(st, layers_sql, app_id, u->rows, &u->layers, err) < 0)
		return -1;
	return take_column(st, trees_sql, app_id, u->rows, &u->trees, err);
#undef THEM
}

int release_static_trees(struct store *st, int64_t app_id, struct strv *trees,
			 struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT DISTINCT image ->> '$.static_tree' FROM release"
			" WHERE app_id = ?1 AND image ->> '$.static_tree' IS NOT NULL",
			"i", app_id) < 0)
		return -1;
	return store_texts(st, q, trees, err);
}

int release_layers_alone(struct store *st, int64_t app_id, struct strv *layers,
			 struct err *err)
{
	static const char sql[] =
		"WITH memo(app_id, value) AS (SELECT app_id, value FROM property"
		"  WHERE plugin = 'builder-buildpack' AND key = 'memo'),"
		" named(app_id, layer) AS (SELECT app_id, value ->> '$.deps' FROM memo"
		"  UNION ALL SELECT app_id, value ->> '$.prune' FROM memo"
		"  UNION ALL SELECT app_id, j.value"
		"   FROM release, json_each(image, '$.layers') j)"
		" SELECT layer FROM named WHERE app_id = ?1 AND layer IS NOT NULL"
		" EXCEPT SELECT layer FROM named WHERE app_id != ?1"
		" EXCEPT SELECT value FROM property"
		" WHERE app_id = 0 AND plugin = 'stack'";
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, sql, "i", app_id) < 0)
		return -1;
	return store_texts(st, q, layers, err);
}

int release_prune(struct store *st, int64_t app_id, int keep, const struct unused *u,
		  struct err *err)
{
#define THESE OLD_ROWS " AND release.id IN (SELECT value FROM json_each(?3))"
	/* A failed row stays as long as the releases around it, so that its number is not
	 * given again, but names nothing that could be used.  One that has become old since its
	 * layers were listed, for its instance ended, is left: they are still there. */
	static const char *const sql[] = {
		"UPDATE release SET image ="
		" json_remove(json_set(image, '$.layers', json('[]')), '$.static_tree')"
		" WHERE state = 'failed' AND " THESE,
		"DELETE FROM release WHERE " THESE
		" AND number < (SELECT coalesce(min(number), 0) FROM release"
		"  WHERE id IN " KEPT_ROWS ")",
	};

	if (store_begin(st, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		if (store_exec(st, err, sql[i], "ids", app_id, keep, u->rows) != 0) {
			store_rollback(st);
			return -1;
		}
	return store_commit(st, err);
#undef THESE
}
