/* SPDX-License-Identifier: MIT */
#include "store/statement.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

/* More than a report has; what comes beyond them is parsed each time. */
enum { KEPT_MAX = 32 };

static struct kept {
	sqlite3 *db;
	char *sql;
	sqlite3_stmt *q; /* NULL: nothing is kept here */
	bool busy;       /* held by somebody */
} kept[KEPT_MAX];

static sqlite3_stmt *find(const sqlite3 *db, const char *sql)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (kept[i].q && kept[i].db == db && !kept[i].busy &&
		    strcmp(kept[i].sql, sql) == 0) {
			kept[i].busy = true;
			return kept[i].q;
		}
	return NULL;
}

static void keep(sqlite3 *db, const char *sql, sqlite3_stmt *q)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (!kept[i].q) {
			kept[i] = (struct kept){ db, xstrdup(sql), q, true };
			return;
		}
}

int statement_take(sqlite3 *db, const char *sql, sqlite3_stmt **q)
{
	int rc;

	*q = find(db, sql);
	if (*q)
		return SQLITE_OK;
	rc = sqlite3_prepare_v2(db, sql, -1, q, NULL);
	if (rc == SQLITE_OK)
		keep(db, sql, *q);
	return rc;
}

void statement_give_back(sqlite3_stmt *q)
{
	for (size_t i = 0; q && i < KEPT_MAX; i++)
		if (kept[i].q == q) {
			(void)sqlite3_reset(q);
			(void)sqlite3_clear_bindings(q);
			kept[i].busy = false;
			return;
		}
	(void)sqlite3_finalize(q);
}

void statement_forget(const sqlite3 *db)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (kept[i].q && kept[i].db == db) {
			(void)sqlite3_finalize(kept[i].q);
			free(kept[i].sql);
			kept[i] = (struct kept){ .q = NULL };
		}
}
