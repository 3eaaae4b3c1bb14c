/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "store/copy.h"
#include "store/statement.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fault.h"
#include "util/fs.h"
#include "util/paths.h"

/* Whole pieces, so that the file is not scattered over the disk. */
#define GROWS_BY (1 << 20)
/* A MB of log: then it is taken into the file, and begun anew. */
#define LOG_PAGES   256
#define LITTLE_ROOM (8u << 20)
#define BUSY_MS     10000

/* SQLite's words name no cause when files cannot be made or grown: the file system does. */
static const char *cause_on_disk(void)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store");
	AUTO_FREE char *file = paths_in(dir, "davit.db");
	struct statvfs fs;

	if (statvfs(dir, &fs) < 0)
		return strerror(errno);
	if (fs.f_flag & ST_RDONLY)
		return "its file system is mounted read-only";
	if (fs.f_bavail == 0)
		return "its disk is full";
	if (fs.f_files && fs.f_favail == 0)
		return "its disk has no inodes left";
	if (access(dir, W_OK) < 0 || (access(file, W_OK) < 0 && errno != ENOENT))
		return "its owner may not write it";
	return NULL;
}

/* What is written cannot be: say why, and what to look at. */
static int not_writable(struct err *err, const char *said)
{
	const char *cause = cause_on_disk();
	const char *root = paths_root();

	(void)err_set(err, ERR_HOST, "the store %s/store/davit.db cannot be written: %s",
		      root, cause ? cause : said);
	return err_hint(
		err,
		"look at its disk and its modes: df -h %s; df -i %s; findmnt -T %s; "
		"ls -la %s/store",
		root, root, root, root);
}

int store_check_writable(struct err *err)
{
	return cause_on_disk() ? not_writable(err, "") : 0;
}

static int fail(struct store *st, struct err *err, const char *what)
{
	int rc = sqlite3_errcode(st->db);
	const char *file = sqlite3_db_filename(st->db, "main");

	(void)err_set(err, ERR_HOST, "store: %s: %s", what, sqlite3_errmsg(st->db));
	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		(void)err_context(err, "%s", file ? file : "davit.db");
		return copy_hint(err);
	case SQLITE_FULL:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_IOERR: return not_writable(err, sqlite3_errmsg(st->db));
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

int store_write_copy(struct store *st, const char *path, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;

	if (store_query(st, &q, err, "VACUUM INTO ?1", "s", path) < 0 ||
	    store_step(st, q, err) < 0)
		return err_context(err, "copy the store to %s", path);
	return 0;
}

/* Keep what the store was before a migration, under the number of its schema. */
static int copy_before(struct store *st, unsigned done, struct err *err)
{
	AUTO_FREE char *to = paths_in(paths_root(), "store/davit.db.before-%u", done + 1);

	(void)unlink(to);
	return store_write_copy(st, to, err);
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
	if (fs_exists(path))
		return err_hint(err,
				"look at the disk and at its modes: df -h %s; ls -l %s",
				dir, dir);
	return err_hint(err, "is davit set up on this host?  scripts/quickstart does it");
}

/* A store that there was is not begun anew. */
static bool is_lost(const char *path, struct err *err)
{
	AUTO(strv_release) struct strv copies = STRV_INIT;

	if (errno != ENOENT)
		return false;
	copy_list(&copies);
	if (!copies.len)
		return false;
	(void)err_set(err, ERR_HOST, "the store %s is missing", path);
	(void)copy_hint(err);
	return true;
}

/*
 * A log that nobody had open is written on at its end, as if none of it were in the
 * database yet.  On a disk that is full it has to be begun anew, within the room it has.
 */
static void begin_log_anew(struct store *st, const char *path)
{
	struct statvfs disk;

	/* A copy that somebody has put in place need not have a log at all. */
	(void)sqlite3_exec(st->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);

	if (statvfs(path, &disk) == 0 && disk.f_bavail * disk.f_frsize < LITTLE_ROOM)
		(void)sqlite3_wal_checkpoint_v2(st->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
						NULL, NULL);
}

int store_open(struct store *st, bool writable, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "store/davit.db");
	int step = GROWS_BY;
	mode_t mask;
	/* The log stays when the last one closes, and with it room of its own: on a full
	 * disk everything can be read, and a crashed instance be noted. */
	int keep = 1;
	int rc;

	*st = (struct store)STORE_INIT;
	if (access(path, F_OK) < 0 && is_lost(path, err))
		return -1;
	mask = umask(0077);
	/* Readers need the shared-memory file as well, so all open it read-write. */
	rc = sqlite3_open_v2(path, &st->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			     NULL);
	(void)umask(mask);
	if (rc != SQLITE_OK)
		return not_opened(st, path, err);
	st->writable = true;
	(void)sqlite3_file_control(st->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	(void)sqlite3_extended_result_codes(st->db, 1);
	(void)sqlite3_busy_timeout(st->db, BUSY_MS);
	(void)sqlite3_wal_autocheckpoint(st->db, LOG_PAGES);
	(void)sqlite3_file_control(st->db, NULL, SQLITE_FCNTL_CHUNK_SIZE, &step);
	if (exec(st, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", err) < 0 ||
	    migrate(st, err) < 0) {
		store_close(st);
		return -1;
	}
	if (writable)
		begin_log_anew(st, path);
	st->writable = writable;
	if (!writable && exec(st, "PRAGMA query_only = ON", err) < 0) {
		store_close(st);
		return -1;
	}
	return 0;
}

void store_close(struct store *st)
{
	statement_forget(st->db);
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
	return copy_hint(err);
}

/* In WAL mode, as every store is; the copy has not been since it was written. */
int store_check_file(const char *path, struct err *err)
{
	AUTO(store_close) struct store st = STORE_INIT;
	unsigned done;

	if (sqlite3_open_v2(path, &st.db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return err_set(err, ERR_HOST, "cannot open %s: %s", path,
			       st.db ? sqlite3_errmsg(st.db) : "no memory");
	st.writable = true;
	if (store_check(&st, err) < 0 || version(&st, &done, err) < 0)
		return -1;
	if (done == 0 || done > store_migrations_count)
		return err_set(err, ERR_REFUSED,
			       "%s is no store of this davit (schema %u)", path, done);
	return exec(&st, "PRAGMA journal_mode = WAL", err);
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
	if (statement_take(st->db, sql, q) != SQLITE_OK ||
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
	statement_give_back(*q);
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

int store_texts(struct store *st, sqlite3_stmt *q, struct strv *to, struct err *err)
{
	int rc;

	while ((rc = store_step(st, q, err)) == 0)
		strv_take(to, store_text(q, 0));
	return rc < 0 ? -1 : 0;
}
