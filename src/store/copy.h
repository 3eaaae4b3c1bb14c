/* SPDX-License-Identifier: MIT */
/*
 * Good copies of the store, store/copies/TIME.db: made each hour in which it changed, after
 * a look whether it is whole, the newest few kept.  One is put back by `store:restore`.
 */
#ifndef DAVIT_STORE_COPY_H
#define DAVIT_STORE_COPY_H

#include "store/store.h"
#include "util/strv.h"

enum { COPY_KEEP = 12, COPY_EVERY_S = 3600 };

/* Is it time, has the store changed since the newest copy, and is there room? */
bool copy_is_due(void);
/* Check the store and copy it; *path is new and may be NULL.  A damaged store is an error,
 * and no copy is given up for it. */
int copy_make(struct store *st, char **path, struct err *err);
/* Names of the copies ("2026-11-26T10:00:00Z"), the newest first. */
void copy_list(struct strv *names);
/* The path of a copy: a new string. */
char *copy_path(const char *name);
/*
 * Put a copy in the place of the store, which is kept beside it under a name that *aside (a
 * new string, "" where there was none) tells.  Nobody ever finds no store.
 */
int copy_restore(const char *name, char **aside, struct err *err);

/* The next thing to type when the store is damaged or missing. */
int copy_hint(struct err *err);

#endif
