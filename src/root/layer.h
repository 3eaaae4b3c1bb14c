/* SPDX-License-Identifier: MIT */
/*
 * Trees that the helper keeps: layers, caches, storage and static sites.
 *
 * A tree is filled under a temporary name and renamed when complete, so a name that is
 * there is whole.
 */
#ifndef DAVIT_ROOT_LAYER_H
#define DAVIT_ROOT_LAYER_H

#include <jansson.h>
#include <stdint.h>

#include "root/userns.h"
#include "util/err.h"
#include "util/strv.h"

/* What fills a new tree: a `work` of userns_run and the descriptors it reads. */
struct layer_fill {
	int user_fd;
	int keep;
	int (*work)(void *ctx, int64_t *value, struct err *err);
	void *ctx;
};

/*
 * Make directory `name` in the directory `parent` by running the fill inside it; ERR_REFUSED
 * when the name is taken.  *bytes as the work returned.
 */
int layer_make(const char *parent, const char *name, const struct layer_fill *fill,
	       int64_t *bytes, struct err *err);

/* Remove tree `name` of directory `parent`, by a child of the stack's range.  A missing
 * one is fine. */
int layer_drop(const char *parent, const char *name, struct err *err);

/* Open a layer by name. */
int layer_open(const char *name, int *fd, struct err *err);
/* Open (make) the directory of a cache or of storage; its top is owned by `uid` inside. */
int layer_open_cache(const char *app, const char *name, long uid, int *fd,
		     struct err *err);
int layer_open_storage(const char *name, long uid, int *fd, struct err *err);

/* Remove half-made and half-removed trees that a killed helper left. */
int layer_recover(struct err *err);
/* Paths of those below a directory of /var/lib/davit, or of each of its directories where the
 * name ends in a star. */
void layer_remains(const char *dir, struct strv *paths);

int verb_unpack(const json_t *op, json_t *reply, struct err *err);
int verb_layer_list(const json_t *op, json_t *reply, struct err *err);
int verb_layer_remove(const json_t *op, json_t *reply, struct err *err);
int verb_cache_list(const json_t *op, json_t *reply, struct err *err);
int verb_cache_clear(const json_t *op, json_t *reply, struct err *err);

#endif
