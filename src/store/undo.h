/* SPDX-License-Identifier: MIT */
/*
 * Changes of config and formation that a deploy is to bring into service.  They stand in the
 * store from the moment they are asked for, so that hooks of the deploy can read them; a note
 * of what was there before stands beside them until the deploy has succeeded.  When it fails,
 * or its process dies, each value that nobody else has changed meanwhile goes back.
 *
 * A note belongs to the process that wrote it.
 */
#ifndef DAVIT_STORE_UNDO_H
#define DAVIT_STORE_UNDO_H

#include <jansson.h>

#include "store/store.h"
#include "util/strv.h"

/*
 * Note a change: `was` and `is` are objects of variables (strings), or of the formation
 * (integers), in which an absent key is an absent value.  Written in the transaction of the
 * change itself.  A process has one note per app: a later one adds to it.
 */
enum undo_what { UNDO_CONFIG, UNDO_FORMATION };
int undo_note(struct store *st, int64_t app_id, enum undo_what what, const json_t *was,
	      const json_t *is, struct err *err);
/* The change is in service: forget our note. */
int undo_forget(struct store *st, int64_t app_id, struct err *err);
/* It is not: put back what our note says, in one transaction. */
int undo_take_back(struct store *st, int64_t app_id, struct err *err);
/* The same for the notes of processes that are gone. */
int undo_take_back_dead(struct store *st, int64_t app_id, struct err *err);
/* Names of the apps that have a note. */
int undo_apps(struct store *st, struct strv *names, struct err *err);

#endif
