/* SPDX-License-Identifier: MIT */
/* Directories that outlive releases: storage/NAME, with the ids of the inside. */
#ifndef DAVIT_ROOT_STORAGE_H
#define DAVIT_ROOT_STORAGE_H

#include <jansson.h>

#include "util/err.h"

/*
 * Open (make) storage/NAME, or what is at `path` below it ("/uploads/2024", or NULL).
 * What is made belongs to `uid` inside.  A symlink on the way is refused: apps write there.
 */
int storage_open(const char *name, const char *path, long uid, int *fd, struct err *err);

int verb_storage(const json_t *op, json_t *reply, struct err *err);
int verb_storage_remove(const json_t *op, json_t *reply, struct err *err);
int verb_mountable(const json_t *op, json_t *reply, struct err *err);

#endif
