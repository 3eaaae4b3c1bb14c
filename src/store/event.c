/* SPDX-License-Identifier: MIT */
#include "store/event.h"

#include "util/cleanup.h"
#include "util/clock.h"

int event_add(struct store *st, const struct event *e, struct err *err)
{
	return store_exec(st, err,
			  "INSERT INTO event(at, app, actor, command, result, detail,"
			  " key) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			  "issssss", clock_now(), e->app ? e->app : "", e->actor,
			  e->command, e->result, e->detail ? e->detail : "",
			  e->key ? e->key : "");
}

static const char *column(sqlite3_stmt *q, int at)
{
	return (const char *)sqlite3_column_text(q, at);
}

int event_list(struct store *st, const struct event_query *what, event_fn *take,
	       void *ctx, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT at, app, actor, command, result, detail, key FROM"
			" (SELECT * FROM event WHERE (?1 = '' OR app = ?1) AND at >= ?2"
			"  ORDER BY id DESC LIMIT ?3) ORDER BY id",
			"sid", what->app ? what->app : "", what->since, what->limit) < 0)
		return -1;
	while ((rc = store_step(st, q, err)) == 0)
		take(ctx, &(struct event){ .at = sqlite3_column_int64(q, 0),
					   .app = column(q, 1),
					   .actor = column(q, 2),
					   .command = column(q, 3),
					   .result = column(q, 4),
					   .detail = column(q, 5),
					   .key = column(q, 6) });
	return rc < 0 ? -1 : 0;
}

int event_prune(struct store *st, int keep, struct err *err)
{
	return store_exec(
		st, err, "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?1",
		"d", keep);
}

int event_newest(struct store *st, int64_t *at, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, "SELECT coalesce(max(at), 0) FROM event", "") < 0 ||
	    store_step(st, q, err) < 0)
		return -1;
	*at = sqlite3_column_int64(q, 0);
	return 0;
}
