/* SPDX-License-Identifier: MIT */
#include "store/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/proc.h"

#define COLUMNS                                                                    \
	"id, app_id, release_id, process, number, container, state, address, pid," \
	" pid_started, restarts, exit_code, exit_why, changed_at, not_before,"     \
	" exited_at, unready, oom_kills, owner, owner_started"

static const char *const states[] = {
	[INSTANCE_STARTING] = "starting",
	[INSTANCE_READY] = "ready",
	[INSTANCE_DRAINING] = "draining",
	[INSTANCE_CRASHED] = "crashed",
};

const char *instance_state_name(enum instance_state state)
{
	return states[state];
}

static void copy(char *to, size_t size, sqlite3_stmt *q, int column)
{
	const char *s = (const char *)sqlite3_column_text(q, column);

	(void)snprintf(to, size, "%s", s ? s : "");
}

static void take_row(sqlite3_stmt *q, struct instance *in)
{
	char state[16];

	*in = (struct instance){
		.id = sqlite3_column_int64(q, 0),
		.app_id = sqlite3_column_int64(q, 1),
		.release_id = sqlite3_column_int64(q, 2),
		.number = sqlite3_column_int(q, 4),
		.pid = sqlite3_column_int(q, 8),
		.pid_started = sqlite3_column_int64(q, 9),
		.restarts = sqlite3_column_int(q, 10),
		.exit_code = sqlite3_column_int(q, 11),
		.changed_at = sqlite3_column_int64(q, 13),
		.not_before = sqlite3_column_int64(q, 14),
		.exited_at = sqlite3_column_int64(q, 15),
		.unready = sqlite3_column_int(q, 16) != 0,
		.oom_kills = sqlite3_column_int(q, 17),
		.owner = sqlite3_column_int(q, 18),
		.owner_started = sqlite3_column_int64(q, 19),
	};
	copy(in->process, sizeof in->process, q, 3);
	copy(in->container, sizeof in->container, q, 5);
	copy(state, sizeof state, q, 6);
	copy(in->address, sizeof in->address, q, 7);
	copy(in->exit_why, sizeof in->exit_why, q, 12);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i], state) == 0)
			in->state = (enum instance_state)i;
}

void instances_release(struct instances *list)
{
	free(list->v);
	*list = (struct instances)INSTANCES_INIT;
}

void instance_own(struct instance *in)
{
	in->owner = (int)getpid();
	in->owner_started = (int64_t)proc_start_time(getpid());
}

int instance_add(struct store *st, const char *app, struct instance *in, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	in->state = INSTANCE_STARTING;
	instance_own(in);
	in->exit_code = -1;
	in->changed_at = clock_now();
	if (store_query(
		    st, &q, err,
		    "INSERT INTO instance(app_id, release_id, process, number, container,"
		    " state, restarts, changed_at, owner, owner_started)"
		    " SELECT ?1, ?2, ?3, ?4,"
		    " ?5 || '.' || ?3 || '.' || ?4 || '.' ||"
		    " (1 + coalesce((SELECT seq FROM sqlite_sequence"
		    "  WHERE name = 'instance'), 0)),"
		    " 'starting', ?6, ?7, ?8, ?9 RETURNING id, container",
		    "iisdsdidi", in->app_id, in->release_id, in->process, in->number, app,
		    in->restarts, in->changed_at, in->owner, in->owner_started) < 0 ||
	    store_step(st, q, err) != 0)
		return err_context(err, "write the instance");
	in->id = sqlite3_column_int64(q, 0);
	copy(in->container, sizeof in->container, q, 1);
	if (store_step(st, q, err) != STORE_NO_ROW) /* the end writes it */
		return err_context(err, "write the instance");
	return 0;
}

int instance_list(struct store *st, int64_t app_id, struct instances *list,
		  struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM instance WHERE ?1 = 0 OR app_id = ?1"
			" ORDER BY app_id, process, number, id",
			"i", app_id) < 0)
		return -1;
	while ((rc = store_step(st, q, err)) == 0) {
		list->v = xrealloc(list->v, list->len + 1, sizeof *list->v);
		take_row(q, &list->v[list->len++]);
	}
	return rc < 0 ? -1 : 0;
}

int instance_find(struct store *st, const char *container, struct instance *in,
		  struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT " COLUMNS " FROM instance WHERE container = ?1", "s",
			container) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc == 0)
		take_row(q, in);
	return rc;
}

int instance_update(struct store *st, struct instance *in, enum instance_state from,
		    struct err *err)
{
	int64_t now = clock_now();
	int rc = store_exec(
		st, err,
		"UPDATE instance SET state = ?2, address = ?3, pid = ?4,"
		" pid_started = ?5, restarts = ?6, exit_code = ?7, exit_why = ?8,"
		" changed_at = ?9, not_before = ?10, exited_at = ?12, unready = 0,"
		" oom_kills = ?13, owner = ?14, owner_started = ?15"
		" WHERE id = ?1 AND state = ?11",
		"issdiddsiisiddi", in->id, states[in->state], in->address, in->pid,
		in->pid_started, in->restarts, in->exit_code, in->exit_why, now,
		in->not_before, states[from], in->exited_at, in->oom_kills, in->owner,
		in->owner_started);

	if (rc != 0)
		return -1;
	if (sqlite3_changes(st->db) == 0)
		return STORE_NO_ROW;
	in->changed_at = now;
	in->unready = false;
	return 0;
}

int instance_set_unready(struct store *st, int64_t id, bool unready, struct err *err)
{
	return store_exec(st, err, "UPDATE instance SET unready = ?2 WHERE id = ?1", "id",
			  id, (int)unready);
}

int instance_set_oom_kills(struct store *st, int64_t id, int kills, struct err *err)
{
	return store_exec(st, err, "UPDATE instance SET oom_kills = ?2 WHERE id = ?1",
			  "id", id, kills);
}

int instance_drain(struct store *st, int64_t id, struct err *err)
{
	return store_exec(st, err,
			  "UPDATE instance SET state = 'draining', changed_at = ?2"
			  " WHERE id = ?1",
			  "ii", id, clock_now());
}

int instance_delete(struct store *st, int64_t id, struct err *err)
{
	return store_exec(st, err, "DELETE FROM instance WHERE id = ?1", "i", id);
}

int instance_set_release(struct store *st, int64_t id, int64_t release_id,
			 struct err *err)
{
	return store_exec(st, err, "UPDATE instance SET release_id = ?2 WHERE id = ?1",
			  "ii", id, release_id);
}
