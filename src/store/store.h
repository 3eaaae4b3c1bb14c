/* SPDX-License-Identifier: MIT */
/*
 * The memory of davit: one SQLite file, store/davit.db (WAL, full sync, foreign keys).
 *
 * SQL is written in src/store/ only, one file per table.  A `struct store` is opened by
 * the dispatcher and lent to everybody below it.  No transaction spans a subprocess, a
 * trigger or a wait: store_begin() and store_commit() stand in one function.
 *
 * Text that functions return through `char **` belongs to the caller.
 */
#ifndef DAVIT_STORE_STORE_H
#define DAVIT_STORE_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/strv.h"

struct store {
	sqlite3 *db;
	bool writable;
	int depth; /* of store_begin */
};

#define STORE_INIT         \
	{                  \
		.db = NULL \
	}

/* Outcomes beside 0 and -1. */
enum {
	STORE_NO_ROW = 1, /* nothing matches */
	STORE_TAKEN = 2,  /* a unique value is used already */
};

/* The id under which host-wide rows are kept where others have an app's. */
enum { STORE_GLOBAL = 0 };

/*
 * Open the store, making the file and its tables where absent, after a copy
 * (VACUUM INTO davit.db.before-N) where migrations are due.  A store from a newer davit is
 * refused.  A damaged file is named with its last good copy.
 */
int store_open(struct store *st, bool writable, struct err *err);
void store_close(struct store *st);

/* Is the file whole?  -1 with what SQLite says, and the copies there are. */
int store_check(struct store *st, struct err *err);
/* Can it be written?  -1 with the cause that its file system has. */
int store_check_writable(struct err *err);
/* store_check for another file, which is made ready to be used as the store. */
int store_check_file(const char *path, struct err *err);
/* All of the store into a new file. */
int store_write_copy(struct store *st, const char *path, struct err *err);

/* A write transaction.  Nested calls join the outer one; a rollback, and a commit that
 * fails, end all of them. */
int store_begin(struct store *st, struct err *err);
int store_commit(struct store *st, struct err *err);
void store_rollback(struct store *st);

/* --- for the files of this directory ------------------------------------------------ */

/*
 * Prepare and bind.  `types` has a letter for each ?N: s text (NULL binds NULL), i int64_t,
 * d int.  Released by AUTO(store_done).
 */
int store_query(struct store *st, sqlite3_stmt **q, struct err *err, const char *sql,
		const char *types, ...);
/* 0: a row is there.  STORE_NO_ROW: the end.  STORE_TAKEN: a unique constraint. */
int store_step(struct store *st, sqlite3_stmt *q, struct err *err);
/* Append the first column of each row that is left.  0 or -1. */
int store_texts(struct store *st, sqlite3_stmt *q, struct strv *to, struct err *err);
void store_done(sqlite3_stmt **q);
/* Prepare, bind, run to the end.  0, STORE_TAKEN or -1. */
int store_exec(struct store *st, struct err *err, const char *sql, const char *types,
	       ...);
/* Column as a new string, "" for NULL. */
char *store_text(sqlite3_stmt *q, int column);

extern const char *const store_migrations[];
extern const unsigned store_migrations_count;

#endif
