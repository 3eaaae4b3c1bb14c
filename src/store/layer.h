/* SPDX-License-Identifier: MIT */
/* Which layers the releases, the stack and the builders use. */
#ifndef DAVIT_STORE_LAYER_H
#define DAVIT_STORE_LAYER_H

#include <stdbool.h>

#include "store/store.h"
#include "util/strv.h"

/* Does any release of any app have this layer? */
int layer_is_used(struct store *st, const char *layer, bool *used, struct err *err);

/* Every layer that a release of whatever state, the stack or a builder's memo names. */
int layer_names(struct store *st, struct strv *names, struct err *err);

/* Those that only a memo names: the next build would use them, no release does. */
int layer_spare(struct store *st, struct strv *names, struct err *err);

/* A layer of a release that serves or may serve again. */
struct layer_user {
	const char *layer;
	const char *app;
	int64_t number; /* of the release */
	bool live;
};

/* Call fn for each of them, by app and release, until it returns non-zero. */
int layer_each_kept(struct store *st,
		    int (*fn)(void *ctx, const struct layer_user *u, struct err *err),
		    void *ctx, struct err *err);

#endif
