/* SPDX-License-Identifier: MIT */
/*
 * From an image, or from the live release with another config or formation, to a release
 * that serves: the row, what app.json and the Procfile want run before, the rollout, and
 * what comes after.
 */
#ifndef DAVIT_DEPLOY_RELEASE_H
#define DAVIT_DEPLOY_RELEASE_H

#include "deploy/work.h"
#include "store/release.h"

struct release_want {
	struct work *w;
	struct image *image;       /* taken over: empty afterwards */
	const char *source;        /* "git-push", "config-redeploy", "scale", … */
	const char *reason;        /* one line for people */
	const char *revision;      /* "" when the code does not change */
	const char *keep_revision; /* with revision "": what the row names, or NULL */
	bool run_commands;         /* predeploy, release, postdeploy */
	json_t *config;    /* a snapshot to use, or NULL: what the store says now */
	json_t *formation; /* the same */
	/* The store's own variables, and quantities, become the snapshot given. */
	bool adopt_config;
	bool adopt_formation;
};

/* Make it and roll it out.  On failure the row is 'failed' and the old release serves. */
int release_make(struct release_want *want, struct err *err);

#endif
