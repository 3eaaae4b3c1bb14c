/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/paths.h"

#define BUSY_MS 10000

static int fail(struct store *st, struct err *err, const char *what)
{
	int rc = sqlite3_errcode(st->db);
	const char *file = sqlite3_db_filename(st->db, "main");

	(void)err_set(err, ERR_HOST, "store: %s: %s", what, sqlite3_errmsg(st->db));
	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		(void)err_context(err, "%s", file ? file : "davit.db");
		return err_hint(err,
				"the store is damaged; copies of it are beside it: ls -t "
				"%s/store/davit.db.*",
				paths_root());
	case SQLITE_FULL:
		return err_hint(err, "the disk is full: df -h %s", paths_root());
	case SQLITE_READONLY:
		return err_hint(err, "the store cannot be written: ls -l %s/store",
				paths_root());
	default: return -1;
	}
}

static int exec(struct store *st, const char *sql, struct err *err)
{
	if (sqlite3_exec(st->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(st, err, "write");
	return 0;
}

static int version(struct store *st, unsigned *out, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, "PRAGMA user_version", "") < 0 ||
	    store_step(st, q, err) < 0)
		return -1;
	*out = (unsigned)sqlite3_column_int(q, 0);
	return 0;
}

/* Keep what the store was before a migration, under the number of its schema. */
static int copy_before(struct store *st, unsigned done, struct err *err)
{
	AUTO_FREE char *to = paths_in(paths_root(), "store/davit.db.before-%u", done + 1);
	AUTO(store_done) sqlite3_stmt *q = NULL;

	(void)unlink(to);
	if (store_query(st, &q, err, "VACUUM INTO ?1", "s", to) < 0 ||
	    store_step(st, q, err) < 0)
		return err_context(err, "copy the store to %s", to);
	return 0;
}

static int apply(struct store *st, unsigned at, struct err *err)
{
	char set[64];
	unsigned done;

	(void)snprintf(set, sizeof set, "PRAGMA user_version = %u", at + 1);
	if (exec(st, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (version(st, &done, err) == 0 && done > at) /* another process was faster */
		return exec(st, "COMMIT", err);
	if (exec(st, store_migrations[at], err) < 0 || exec(st, set, err) < 0 ||
	    exec(st, "COMMIT", err) < 0) {
		(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
		return err_context(err, "store migration %u", at + 1);
	}
	return 0;
}

static int migrate(struct store *st, struct err *err)
{
	unsigned done;

	if (version(st, &done, err) < 0)
		return -1;
	if (done > store_migrations_count) {
		(void)err_set(
			err, ERR_REFUSED,
			"the store is from a newer davit (schema %u, this one knows %u)",
			done, store_migrations_count);
		return err_hint(err, "install that version again, or a newer one");
	}
	/* Not when the file is made: whoever made it may have died before this. */
	if (done == 0 && exec(st, "PRAGMA journal_mode = WAL", err) < 0)
		return -1;
	if (done > 0 && done < store_migrations_count && copy_before(st, done, err) < 0)
		return -1;
	for (; done < store_migrations_count; done++)
		if (apply(st, done, err) < 0)
			return -1;
	return 0;
}

static int not_opened(struct store *st, const char *path, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store");
	bool hidden = access(dir, X_OK) < 0 && errno == EACCES;

	(void)err_set(err, ERR_HOST, "cannot open the store %s: %s", path,
		      hidden   ? "it belongs to another user"
		      : st->db ? sqlite3_errmsg(st->db)
			       : "no memory");
	store_close(st);
	if (hidden)
		return err_hint(err, "run it as root: sudo davit ...");
	return err_hint(err, "is davit set up on this host?  scripts/quickstart does it");
}

int store_open(struct store *st, bool writable, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/davit.db");
	mode_t mask;
	int rc;

	*st = (struct store)STORE_INIT;
	mask = umask(0077);
	/* Readers need the shared-memory file as well, so all open it read-write. */
	rc = sqlite3_open_v2(path, &st->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			     NULL);
	(void)umask(mask);
	if (rc != SQLITE_OK)
		return not_opened(st, path, err);
	st->writable = true;
	(void)sqlite3_extended_result_codes(st->db, 1);
	(void)sqlite3_busy_timeout(st->db, BUSY_MS);
	if (exec(st, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", err) < 0 ||
	    migrate(st, err) < 0) {
		store_close(st);
		return -1;
	}
	st->writable = writable;
	if (!writable && exec(st, "PRAGMA query_only = ON", err) < 0) {
		store_close(st);
		return -1;
	}
	return 0;
}

void store_close(struct store *st)
{
	(void)sqlite3_close(st->db);
	st->db = NULL;
}

int store_check(struct store *st, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	AUTO_FREE char *said = NULL;

	if (store_query(st, &q, err, "PRAGMA quick_check(1)", "") < 0 ||
	    store_step(st, q, err) < 0)
		return -1;
	said = store_text(q, 0);
	if (strcmp(said, "ok") == 0)
		return 0;
	(void)err_set(err, ERR_HOST, "the store is damaged: %.300s", said);
	return err_hint(err, "its copies: ls -t %s/store/davit.db.*", paths_root());
}

int store_begin(struct store *st, struct err *err)
{
	if (st->depth == 0 && exec(st, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	st->depth++;
	return 0;
}

int store_commit(struct store *st, struct err *err)
{
	if (st->depth < 1)
		return err_set(err, ERR_BUG, "store: nothing to commit");
	if (st->depth > 1) {
		st->depth--;
		return 0;
	}
	fault_at("commit");
	if (exec(st, "COMMIT", err) < 0) {
		store_rollback(st); /* or the next one would join what failed */
		return -1;
	}
	fault_at("commit:done");
	st->depth = 0;
	return 0;
}

void store_rollback(struct store *st)
{
	if (st->depth > 0)
		(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	st->depth = 0;
}

static int bind_all(sqlite3_stmt *q, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 1; *types && rc == SQLITE_OK; types++, i++) {
		if (*types == 's')
			rc = sqlite3_bind_text(q, i, va_arg(ap, const char *), -1,
					       SQLITE_TRANSIENT);
		else if (*types == 'i')
			rc = sqlite3_bind_int64(q, i, va_arg(ap, int64_t));
		else
			rc = sqlite3_bind_int(q, i, va_arg(ap, int));
	}
	return rc;
}

static int prepare(struct store *st, sqlite3_stmt **q, struct err *err, const char *sql,
		   const char *types, va_list ap)
{
	if (sqlite3_prepare_v2(st->db, sql, -1, q, NULL) != SQLITE_OK ||
	    bind_all(*q, types, ap) != SQLITE_OK)
		return fail(st, err, "read");
	return 0;
}

int store_query(struct store *st, sqlite3_stmt **q, struct err *err, const char *sql,
		const char *types, ...)
{
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare(st, q, err, sql, types, ap);
	va_end(ap);
	return rc;
}

int store_step(struct store *st, sqlite3_stmt *q, struct err *err)
{
	int rc = sqlite3_step(q);

	if (rc == SQLITE_ROW)
		return 0;
	if (rc == SQLITE_DONE)
		return STORE_NO_ROW;
	if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return STORE_TAKEN;
	return fail(st, err, "step");
}

void store_done(sqlite3_stmt **q)
{
	(void)sqlite3_finalize(*q);
	*q = NULL;
}

int store_exec(struct store *st, struct err *err, const char *sql, const char *types, ...)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare(st, &q, err, sql, types, ap);
	va_end(ap);
	if (rc < 0)
		return -1;
	rc = store_step(st, q, err);
	return rc == STORE_NO_ROW ? 0 : rc;
}

char *store_text(sqlite3_stmt *q, int column)
{
	const unsigned char *s = sqlite3_column_text(q, column);

	return xstrdup(s ? (const char *)s : "");
}
