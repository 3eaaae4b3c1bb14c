/* SPDX-License-Identifier: MIT */
/*
 * Prepared statements, kept until their store is closed: a report of a thousand apps asks the
 * same hundred questions of each, and parses them once.
 */
#ifndef DAVIT_STORE_STATEMENT_H
#define DAVIT_STORE_STATEMENT_H

#include <sqlite3.h>

/* SQLITE_OK and a statement that nobody else holds, or SQLite's code. */
int statement_take(sqlite3 *db, const char *sql, sqlite3_stmt **q);
/* NULL is fine.  Values that were bound are forgotten. */
void statement_give_back(sqlite3_stmt *q);
/* Before the database is closed. */
void statement_forget(const sqlite3 *db);

#endif
