/* SPDX-License-Identifier: MIT */
/* Table app, and everything that hangs on an app's name. */
#ifndef DAVIT_STORE_APP_H
#define DAVIT_STORE_APP_H

#include "store/store.h"
#include "util/name.h"
#include "util/strv.h"

struct app {
	int64_t id;
	char name[APP_NAME_MAX + 1];
	int64_t created_at;
	bool locked;
};

/* 0, or STORE_NO_ROW. */
int app_find(struct store *st, const char *name, struct app *app, struct err *err);
int app_find_id(struct store *st, int64_t id, struct app *app, struct err *err);
/* As app_find, for whoever cannot go on without it: an absent one is ERR_NO_APP.  name may be NULL. */
int app_need(struct store *st, const char *name, struct app *app, struct err *err);
/* -1: sets ERR_NO_APP, with what a user does about it. */
int app_missing(const char *name, struct err *err);
/* 0, or STORE_TAKEN. */
int app_create(struct store *st, const char *name, struct app *app, struct err *err);
/* 0, STORE_NO_ROW or STORE_TAKEN. */
int app_rename(struct store *st, int64_t id, const char *to, struct err *err);
/* The row and all that belongs to it in every table. */
int app_delete(struct store *st, int64_t id, struct err *err);
int app_set_locked(struct store *st, int64_t id, bool locked, struct err *err);
/* Names in byte order. */
int app_names(struct store *st, struct strv *names, struct err *err);

#endif
