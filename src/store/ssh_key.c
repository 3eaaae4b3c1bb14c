/* SPDX-License-Identifier: MIT */
#include "store/ssh_key.h"

#include <stdlib.h>

#include "util/cleanup.h"
#include "util/clock.h"

#define SELECT                                                                 \
	"SELECT id, name, fingerprint, public_key, options, role, created_at," \
	" limits FROM ssh_key "

void ssh_key_release(struct ssh_key *k)
{
	free(k->name);
	free(k->fingerprint);
	free(k->public_key);
	free(k->options);
	free(k->role);
	free(k->limits);
	*k = (struct ssh_key){ .id = 0 };
}

static void take_row(sqlite3_stmt *q, struct ssh_key *k)
{
	*k = (struct ssh_key){
		.id = sqlite3_column_int64(q, 0),
		.name = store_text(q, 1),
		.fingerprint = store_text(q, 2),
		.public_key = store_text(q, 3),
		.options = store_text(q, 4),
		.role = store_text(q, 5),
		.created_at = sqlite3_column_int64(q, 6),
		.limits = store_text(q, 7),
	};
}

static int take_first(struct store *st, sqlite3_stmt *q, struct ssh_key *k,
		      struct err *err)
{
	int rc = store_step(st, q, err);

	if (rc == 0)
		take_row(q, k);
	return rc;
}

int ssh_key_find(struct store *st, int64_t id, struct ssh_key *k, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, SELECT "WHERE id = ?1", "i", id) < 0)
		return -1;
	return take_first(st, q, k, err);
}

int ssh_key_find_name(struct store *st, const char *name, struct ssh_key *k,
		      struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, SELECT "WHERE name = ?1", "s", name) < 0)
		return -1;
	return take_first(st, q, k, err);
}

int ssh_key_find_fingerprint(struct store *st, const char *fingerprint, struct ssh_key *k,
			     struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, SELECT "WHERE fingerprint = ?1", "s", fingerprint) <
	    0)
		return -1;
	return take_first(st, q, k, err);
}

int ssh_key_add(struct store *st, const struct ssh_key *k, int64_t *id, struct err *err)
{
	int rc = store_exec(st, err,
			    "INSERT INTO ssh_key(name, fingerprint, public_key, options,"
			    " role, created_at, limits)"
			    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			    "sssssis", k->name, k->fingerprint, k->public_key, k->options,
			    k->role, clock_now(), k->limits ? k->limits : "");

	if (rc == 0)
		*id = sqlite3_last_insert_rowid(st->db);
	return rc;
}

int ssh_key_delete(struct store *st, int64_t id, struct err *err)
{
	int rc = store_exec(st, err, "DELETE FROM ssh_key WHERE id = ?1", "i", id);

	if (rc != 0)
		return rc;
	return sqlite3_changes(st->db) == 1 ? 0 : STORE_NO_ROW;
}

int ssh_key_each(struct store *st, ssh_key_each_fn *each, void *ctx, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err, SELECT "ORDER BY id", "") < 0)
		return -1;
	while ((rc = store_step(st, q, err)) == 0) {
		AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };

		take_row(q, &k);
		if (each(ctx, &k, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}
