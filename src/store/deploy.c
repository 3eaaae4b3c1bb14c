/* SPDX-License-Identifier: MIT */
#include "store/deploy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

#define COLUMNS                                                                    \
	"id, app_id, public_id, kind, source, author, revision, pid, pid_started," \
	" started_at, finished_at, state, step, release_id, exit_code"

static void copy(char *to, size_t size, sqlite3_stmt *q, int column)
{
	const char *s = (const char *)sqlite3_column_text(q, column);

	(void)snprintf(to, size, "%s", s ? s : "");
}

static void take_row(sqlite3_stmt *q, struct deploy *d)
{
	*d = (struct deploy){
		.id = sqlite3_column_int64(q, 0),
		.app_id = sqlite3_column_int64(q, 1),
		.pid = sqlite3_column_int(q, 7),
		.pid_started = sqlite3_column_int64(q, 8),
		.started_at = sqlite3_column_int64(q, 9),
		.finished_at = sqlite3_column_int64(q, 10),
		.release_id = sqlite3_column_int64(q, 13),
		.exit_code = sqlite3_column_int(q, 14),
	};
	copy(d->public_id, sizeof d->public_id, q, 2);
	copy(d->kind, sizeof d->kind, q, 3);
	copy(d->source, sizeof d->source, q, 4);
	copy(d->author, sizeof d->author, q, 5);
	copy(d->revision, sizeof d->revision, q, 6);
	copy(d->state, sizeof d->state, q, 11);
	copy(d->step, sizeof d->step, q, 12);
}

void deploys_release(struct deploys *list)
{
	free(list->v);
	*list = (struct deploys)DEPLOYS_INIT;
}

/* Sorts by time, and two hosts or two pushes never share one. */
static void make_public_id(char *out, size_t size)
{
	(void)snprintf(out, size, "%llx%08x", (long long)clock_now(), arc4random());
}

int deploy_add(struct store *st, struct deploy *d, struct err *err)
{
	d->started_at = clock_now();
	(void)snprintf(d->state, sizeof d->state, "waiting");
	if (!d->public_id[0])
		make_public_id(d->public_id, sizeof d->public_id);
	if (store_exec(st, err,
		       "INSERT INTO deploy(app_id, public_id, kind, source, author,"
		       " revision, pid, pid_started, started_at, state)"
		       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
		       "isssssdiis", d->app_id, d->public_id, d->kind, d->source,
		       d->author, d->revision, d->pid, d->pid_started, d->started_at,
		       d->state) != 0)
		return err_context(err, "write the deploy");
	d->id = sqlite3_last_insert_rowid(st->db);
	return 0;
}

int deploy_update(struct store *st, const struct deploy *d, struct err *err)
{
	return store_exec(
		st, err,
		"UPDATE deploy SET state = ?2, step = ?3, release_id = ?4,"
		" exit_code = ?5, finished_at = ?6, revision = ?7 WHERE id = ?1",
		"issidis", d->id, d->state, d->step, d->release_id, d->exit_code,
		d->finished_at, d->revision);
}

int deploy_set_step(struct store *st, struct deploy *d, const char *step, struct err *err)
{
	(void)snprintf(d->step, sizeof d->step, "%s", step);
	return deploy_update(st, d, err);
}

static int take_all(struct store *st, sqlite3_stmt *q, struct deploys *list,
		    struct err *err)
{
	int rc;

	while ((rc = store_step(st, q, err)) == 0) {
		list->v = xrealloc(list->v, list->len + 1, sizeof *list->v);
		take_row(q, &list->v[list->len++]);
	}
	return rc < 0 ? -1 : 0;
}

int deploy_list(struct store *st, int64_t app_id, int limit, struct deploys *list,
		struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM deploy WHERE ?1 = 0 OR app_id = ?1"
			" ORDER BY id DESC LIMIT ?2",
			"id", app_id, limit) < 0)
		return -1;
	return take_all(st, q, list, err);
}

int deploy_open(struct store *st, int64_t app_id, struct deploys *list, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(
		    st, &q, err,
		    "SELECT " COLUMNS " FROM deploy"
		    " WHERE state IN ('waiting','running') AND (?1 = 0 OR app_id = ?1)"
		    " ORDER BY id",
		    "i", app_id) < 0)
		return -1;
	return take_all(st, q, list, err);
}

int deploy_find(struct store *st, const char *public_id, struct deploy *d,
		struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM deploy WHERE public_id = ?1", "s",
			public_id) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		take_row(q, d);
	return rc;
}

int deploy_beyond(struct store *st, int64_t app_id, int keep, struct deploys *list,
		  struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM deploy"
			" WHERE app_id = ?1 AND finished_at > 0"
			" ORDER BY id DESC LIMIT -1 OFFSET ?2",
			"id", app_id, keep) < 0)
		return -1;
	return take_all(st, q, list, err);
}

int deploy_delete(struct store *st, int64_t id, struct err *err)
{
	return store_exec(st, err, "DELETE FROM deploy WHERE id = ?1", "i", id);
}
