/* SPDX-License-Identifier: MIT */
/* Table formation: how many instances of each process type an app should have. */
#ifndef DAVIT_STORE_FORMATION_H
#define DAVIT_STORE_FORMATION_H

#include <jansson.h>

#include "store/store.h"

enum { FORMATION_MAX = 1000 };

/* A new object: process type → quantity (integer), sorted by name. */
int formation_load(struct store *st, int64_t app_id, json_t **types, struct err *err);
/* Write these, keep the others; one transaction. */
int formation_put(struct store *st, int64_t app_id, const json_t *types, struct err *err);
/* These and no others; one transaction. */
int formation_replace(struct store *st, int64_t app_id, const json_t *types,
		      struct err *err);
/*
 * What `was` becomes by a build: a new type starts with 0 (`web` with 1 where the app had
 * no formation), one that is gone is left out.  `found` is any object with the types as
 * keys.  A new object.
 */
json_t *formation_followed(const json_t *was, const json_t *found);
/* Write that. */
int formation_follow(struct store *st, int64_t app_id, const json_t *found,
		     struct err *err);

#endif
