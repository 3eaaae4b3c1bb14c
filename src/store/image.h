/* SPDX-License-Identifier: MIT */
/*
 * What a builder makes and a release holds: what comes after the builder knows nothing of
 * how it was made.  Kept as JSON in the release's row.
 */
#ifndef DAVIT_STORE_IMAGE_H
#define DAVIT_STORE_IMAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "util/err.h"
#include "util/strv.h"

struct image {
	char *builder;      /* "static", "buildpack", … */
	char *language;     /* one line for people: "Python 3.11.2" */
	struct strv layers; /* names for the helper, uppermost first */
	char *static_tree;  /* the name below static/APP/, or NULL: has processes */
	/* object: process type → command line for the shell in the container, in the
	 * order of the Procfile; the builder's defaults merged in */
	json_t *processes;
	json_t *env;      /* object: what the image wants beneath the config */
	char *cwd;        /* "/app" */
	long uid;         /* APP_UID, or what the image says */
	long port;        /* the web port: 5000, or what the image says */
	json_t *app_json; /* the parsed app.json, or NULL */
	char *checks;     /* CHECKS file, or NULL */
	char *nginx;      /* nginx.conf.sigil, or NULL */
};

#define IMAGE_INIT                  \
	{                           \
		.layers = STRV_INIT \
	}

/* The builder of an image that was made elsewhere: it need not have our start script. */
#define IMAGE_FOREIGN "image"
bool image_is_foreign(const struct image *im);

void image_release(struct image *im);
/* A new reference; the caller owns it. */
json_t *image_to_json(const struct image *im);
/* Fills an empty image; -1 when the text is not what image_to_json makes. */
int image_from_json(struct image *im, const json_t *j, struct err *err);
/* The command of a process type, or NULL. */
const char *image_command(const struct image *im, const char *process);

#endif
