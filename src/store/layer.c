/* SPDX-License-Identifier: MIT */
#include "store/layer.h"

#include "util/cleanup.h"

int layer_is_used(struct store *st, const char *layer, bool *used, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT 1 FROM release, json_each(image, '$.layers') j"
			" WHERE j.value = ?1 LIMIT 1",
			"s", layer) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc < 0)
		return -1;
	*used = rc == 0;
	return 0;
}

int layer_names(struct store *st, struct strv *names, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT j.value FROM release, json_each(image, '$.layers') j"
			" UNION SELECT value FROM property"
			"  WHERE app_id = 0 AND plugin = 'stack'"
			" UNION SELECT value ->> '$.deps' FROM property"
			"  WHERE plugin = 'builder-buildpack' AND key = 'memo'"
			" UNION SELECT value ->> '$.prune' FROM property"
			"  WHERE plugin = 'builder-buildpack' AND key = 'memo'",
			"") < 0)
		return -1;
	return store_texts(st, q, names, err);
}

int layer_each_kept(struct store *st,
		    int (*fn)(void *ctx, const struct layer_user *u, struct err *err),
		    void *ctx, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT j.value, app.name, release.number, release.state = 'live'"
			" FROM release JOIN app ON app.id = release.app_id,"
			" json_each(image, '$.layers') j"
			" WHERE release.state IN ('live', 'past')"
			" ORDER BY app.name, release.number",
			"") < 0)
		return -1;
	while ((rc = store_step(st, q, err)) == 0) {
		AUTO_FREE char *layer = store_text(q, 0);
		AUTO_FREE char *app = store_text(q, 1);
		struct layer_user u = { .layer = layer,
					.app = app,
					.number = sqlite3_column_int64(q, 2),
					.live = sqlite3_column_int(q, 3) };

		rc = fn(ctx, &u, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	return rc < 0 ? -1 : 0;
}

int layer_spare(struct store *st, struct strv *names, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(
		    st, &q, err,
		    "WITH memo(value) AS (SELECT value FROM property"
		    "  WHERE plugin = 'builder-buildpack' AND key = 'memo')"
		    " SELECT layer FROM (SELECT value ->> '$.deps' AS layer FROM memo"
		    "  UNION SELECT value ->> '$.prune' FROM memo)"
		    " WHERE layer IS NOT NULL"
		    " EXCEPT SELECT j.value FROM release, json_each(image, '$.layers') j"
		    " EXCEPT SELECT value FROM property"
		    "  WHERE app_id = 0 AND plugin = 'stack'",
		    "") < 0)
		return -1;
	return store_texts(st, q, names, err);
}
