/* SPDX-License-Identifier: MIT */
/*
 * Table release: every change of code, config or formation.  A row is immutable but for
 * its state: new → live → past, or new → failed.  One row per app is live.
 */
#ifndef DAVIT_STORE_RELEASE_H
#define DAVIT_STORE_RELEASE_H

#include "store/image.h"
#include "store/store.h"

struct release {
	int64_t id;
	int64_t app_id;
	int64_t number; /* v1, v2, … per app */
	int64_t created_at;
	char state[8];
	char *author;
	char *reason;   /* what changed, one line */
	char *source;   /* "git-push", "config", "scale", "rollback", … */
	char *revision; /* commit, or "" */
	struct image image;
	json_t *config;    /* object: the merged variables at that time */
	json_t *formation; /* object: process → quantity */
	bool ran_release_command;
};

#define RELEASE_INIT                \
	{                           \
		.image = IMAGE_INIT \
	}

void release_release(struct release *r);

/* The live release; 0 or STORE_NO_ROW. */
int release_live(struct store *st, int64_t app_id, struct release *r, struct err *err);
int release_find(struct store *st, int64_t app_id, int64_t number, struct release *r,
		 struct err *err);
int release_find_id(struct store *st, int64_t id, struct release *r, struct err *err);
/* Insert as state 'new' with the app's next number; fills id, number, created_at. */
int release_add(struct store *st, struct release *r, struct err *err);
/* The new row becomes live and the live one past, at once. */
int release_set_live(struct store *st, const struct release *r, struct err *err);
int release_set_failed(struct store *st, int64_t id, struct err *err);
/* The image of a row that is still 'new'. */
int release_set_image(struct store *st, const struct release *r, struct err *err);
int release_mark_ran_command(struct store *st, int64_t id, struct err *err);
int release_delete(struct store *st, int64_t id, struct err *err);

struct unused {
	char *rows; /* ids of releases: a JSON array */
	struct strv layers;
	struct strv trees;
};

#define UNUSED_INIT                        \
	{                                  \
		NULL, STRV_INIT, STRV_INIT \
	}
void unused_release(struct unused *u);

/*
 * Failed releases and past ones beyond the newest `keep` that served, which no instance runs;
 * layers and static trees that only these of the app name, and neither another release of any
 * app nor the stack.
 */
int release_unused(struct store *st, int64_t app_id, int keep, struct unused *u,
		   struct err *err);
/* Names of the app's static trees, of releases in whatever state. */
int release_static_trees(struct store *st, int64_t app_id, struct strv *trees,
			 struct err *err);
/* Layers that releases and memos of this app name, and nothing else does: what goes with the
 * app. */
int release_layers_alone(struct store *st, int64_t app_id, struct strv *layers,
			 struct err *err);
/* Of the rows in u, whose layers are gone: forget the past ones and the failed ones before them; what an instance still runs
 * stays.  Younger failed rows lose the names of their layers and trees. */
int release_prune(struct store *st, int64_t app_id, int keep, const struct unused *u,
		  struct err *err);

/* Call fn for each release of an app, newest first, until it returns non-zero. */
int release_each(struct store *st, int64_t app_id,
		 int (*fn)(void *ctx, const struct release *r, struct err *err),
		 void *ctx, struct err *err);

#endif
