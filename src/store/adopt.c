/* SPDX-License-Identifier: MIT */
#include "store/adopt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/strv.h"

#define NEWER "newer_"

static int exec(sqlite3 *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return err_set(err, ERR_HOST, "store: %s: %.200s", sqlite3_errmsg(db), sql);
}

/* One statement with names (%w) put in. */
static int run(sqlite3 *db, char *sql, struct err *err)
{
	int rc = exec(db, sql, err);

	sqlite3_free(sql);
	return rc;
}

/* The first column of every row. */
static int texts(struct store *st, const char *sql, struct strv *to, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, sql, "") < 0)
		return -1;
	return store_texts(st, q, to, err);
}

static int number(struct store *st, const char *sql, unsigned *out, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, sql, "") < 0 || store_step(st, q, err) < 0)
		return -1;
	*out = (unsigned)sqlite3_column_int(q, 0);
	return 0;
}

/* Our schema, made in memory by our own migrations. */
static int open_ours(struct store *st, struct err *err)
{
	if (sqlite3_open(":memory:", &st->db) != SQLITE_OK)
		return err_set(err, ERR_HOST, "store: no memory");
	for (unsigned i = 0; i < store_migrations_count; i++)
		if (exec(st->db, store_migrations[i], err) < 0)
			return -1;
	return 0;
}

static int open_newer(struct store *st, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/davit.db");

	if (sqlite3_open_v2(path, &st->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return err_set(err, ERR_HOST, "open the store %s: %s", path,
			       sqlite3_errmsg(st->db));
	(void)sqlite3_busy_timeout(st->db, 10000);
	/* Tables are renamed and made anew: what refers to them must not follow. */
	return exec(st->db,
		    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
		    " PRAGMA legacy_alter_table = ON",
		    err);
}

static int keep_copy(struct store *st, unsigned version, struct err *err)
{
	AUTO_FREE char *to = paths_in(paths_root(), "store/davit.db.newer-%u", version);

	(void)unlink(to);
	return run(st->db, sqlite3_mprintf("VACUUM INTO %Q", to), err);
}

/* Everything but tables goes; ours are made again at the end. */
static int drop_extras(struct store *st, struct err *err)
{
	AUTO(strv_release) struct strv drops = STRV_INIT;

	if (texts(st,
		  "SELECT 'DROP ' || type || ' \"' || name || '\"' FROM sqlite_master"
		  " WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL",
		  &drops, err) < 0)
		return -1;
	strv_foreach(drop, &drops)
		if (exec(st->db, drop, err) < 0)
			return -1;
	return 0;
}

static int columns(struct store *st, const char *table, struct strv *to, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, "SELECT name FROM pragma_table_info(?1)", "s",
			table) < 0)
		return -1;
	return store_texts(st, q, to, err);
}

/* The names that both have, quoted. */
static int common(struct store *ours, struct store *newer, const char *table, char **list,
		  struct err *err)
{
	AUTO(strv_release) struct strv a = STRV_INIT;
	AUTO(strv_release) struct strv b = STRV_INIT;
	AUTO(strv_release) struct strv both = STRV_INIT;

	if (columns(ours, table, &a, err) < 0 || columns(newer, table, &b, err) < 0)
		return -1;
	strv_foreach(name, &a)
		if (strv_find(&b, name) >= 0)
			strv_addf(&both, "\"%s\"", name);
	*list = strv_join(&both, ", ");
	return 0;
}

/* Numbers that were given are not given again. */
static int keep_sequence(struct store *newer, const char *table, struct err *err)
{
	unsigned has = 0;

	if (number(newer,
		   "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'",
		   &has, err) < 0)
		return -1;
	if (!has)
		return 0;
	if (run(newer->db,
		sqlite3_mprintf("DELETE FROM sqlite_sequence WHERE name = %Q", table),
		err) < 0)
		return -1;
	return run(newer->db,
		   sqlite3_mprintf("UPDATE sqlite_sequence SET name = %Q"
				   " WHERE name = '" NEWER "%q'",
				   table, table),
		   err);
}

static int rebuild(struct store *ours, struct store *newer, const char *table,
		   const char *sql, struct err *err)
{
	AUTO_FREE char *list = NULL;

	if (common(ours, newer, table, &list, err) < 0)
		return -1;
	if (*list && run(newer->db,
			 sqlite3_mprintf("ALTER TABLE \"%w\" RENAME TO \"" NEWER "%w\"",
					 table, table),
			 err) < 0)
		return -1;
	if (exec(newer->db, sql, err) < 0)
		return -1;
	if (!*list) /* the newer one has no such table */
		return 0;
	if (run(newer->db,
		sqlite3_mprintf("INSERT INTO \"%w\"(%s) SELECT %s FROM \"" NEWER "%w\"",
				table, list, list, table),
		err) < 0)
		return err_context(err, "take over the table %s", table);
	return keep_sequence(newer, table, err);
}

static int rebuild_all(struct store *ours, struct store *newer, struct err *err)
{
	AUTO(strv_release) struct strv tables = STRV_INIT;
	AUTO(strv_release) struct strv sql = STRV_INIT;
	AUTO(strv_release) struct strv indexes = STRV_INIT;
	AUTO(strv_release) struct strv rest = STRV_INIT;

	if (texts(ours,
		  "SELECT name FROM sqlite_master WHERE type = 'table'"
		  " AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
		  &tables, err) < 0 ||
	    texts(ours,
		  "SELECT sql FROM sqlite_master WHERE type = 'table'"
		  " AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
		  &sql, err) < 0 ||
	    texts(ours,
		  "SELECT sql FROM sqlite_master WHERE type = 'index'"
		  " AND sql IS NOT NULL",
		  &indexes, err) < 0)
		return -1;
	for (size_t i = 0; i < tables.len; i++)
		if (rebuild(ours, newer, tables.v[i], sql.v[i], err) < 0)
			return -1;
	if (texts(newer,
		  "SELECT name FROM sqlite_master WHERE type = 'table'"
		  " AND name NOT LIKE 'sqlite_%'",
		  &rest, err) < 0)
		return -1;
	strv_foreach(table, &rest)
		if (strv_find(&tables, table) < 0 &&
		    run(newer->db, sqlite3_mprintf("DROP TABLE \"%w\"", table), err) < 0)
			return -1;
	strv_foreach(index, &indexes)
		if (exec(newer->db, index, err) < 0)
			return -1;
	return 0;
}

static int check(struct store *newer, struct err *err)
{
	unsigned broken = 0;

	if (number(newer, "SELECT count(*) FROM pragma_foreign_key_check", &broken, err) <
	    0)
		return -1;
	return broken ? err_set(err, ERR_HOST, "store: %u rows refer to nothing", broken)
		      : 0;
}

static int convert(struct store *ours, struct store *newer, struct err *err)
{
	if (exec(newer->db, "BEGIN EXCLUSIVE", err) < 0)
		return -1;
	if (drop_extras(newer, err) < 0 || rebuild_all(ours, newer, err) < 0 ||
	    check(newer, err) < 0 ||
	    run(newer->db,
		sqlite3_mprintf("PRAGMA user_version = %u", store_migrations_count),
		err) < 0 ||
	    exec(newer->db, "COMMIT", err) < 0) {
		(void)sqlite3_exec(newer->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

int adopt_store(struct err *err)
{
	AUTO(store_close) struct store ours = STORE_INIT;
	AUTO(store_close) struct store newer = STORE_INIT;
	unsigned version = 0;

	if (open_newer(&newer, err) < 0 ||
	    number(&newer, "PRAGMA user_version", &version, err) < 0)
		return -1;
	if (version <= store_migrations_count)
		return ADOPT_NOT_NEWER;
	if (keep_copy(&newer, version, err) < 0 || open_ours(&ours, err) < 0)
		return -1;
	return convert(&ours, &newer, err);
}
