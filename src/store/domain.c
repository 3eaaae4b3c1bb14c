/* SPDX-License-Identifier: MIT */
#include "store/domain.h"

#include "util/cleanup.h"

int domain_list(struct store *st, int64_t app_id, struct strv *hosts, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT host FROM domain WHERE app_id = ?1 ORDER BY position",
			"i", app_id) < 0)
		return -1;
	return store_texts(st, q, hosts, err);
}

static int write_rows(struct store *st, int64_t app_id, const struct strv *hosts,
		      struct err *err)
{
	if (store_exec(st, err, "DELETE FROM domain WHERE app_id = ?1", "i", app_id) != 0)
		return -1;
	for (size_t i = 0; i < hosts->len; i++)
		if (store_exec(st, err,
			       "INSERT INTO domain(app_id, host, position)"
			       " VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
			       "isd", app_id, hosts->v[i], (int)i) != 0)
			return -1;
	return 0;
}

int domain_replace(struct store *st, int64_t app_id, const struct strv *hosts,
		   struct err *err)
{
	if (store_begin(st, err) < 0)
		return -1;
	if (write_rows(st, app_id, hosts, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int domain_owner(struct store *st, const char *host, int64_t but_not, char **app,
		 struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT app.name FROM domain JOIN app ON app.id = domain.app_id"
			" WHERE host = ?1 AND app_id <> ?2 LIMIT 1",
			"si", host, but_not) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		*app = store_text(q, 0);
	return rc;
}

int domain_followers(struct store *st, struct strv *apps, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT name FROM app WHERE EXISTS (SELECT 1 FROM release"
			"  WHERE app_id = app.id AND state = 'live')"
			" AND NOT EXISTS (SELECT 1 FROM property WHERE app_id = app.id"
			"  AND plugin = 'domains' AND key = 'chosen') ORDER BY name",
			"") < 0)
		return -1;
	return store_texts(st, q, apps, err);
}
