/* SPDX-License-Identifier: MIT */
/*
 * Building with buildpacks.  buildpacks/build, inside the build container, decides and does;
 * here is what needs the host: layers, toolchains, and the memory that lets a push with
 * unchanged dependencies repeat only what depends on the source.
 *
 * Layers of an app, uppermost first: what the build phase wrote, the source, what pruning
 * took away, the dependencies; then toolchains and the base.
 */
#ifndef DAVIT_PLUGINS_BUILDER_BUILDPACK_BUILDPACK_H
#define DAVIT_PLUGINS_BUILDER_BUILDPACK_BUILDPACK_H

#include <jansson.h>
#include <stdbool.h>

#include "command/command.h"
#include "plugin/plugin.h"

#define BUILDPACK_PLUGIN "builder-buildpack"

/* What one run of the driver said; see buildpacks/build. */
struct talk {
	struct out *to;
	json_t *facts; /* every line: name → array of values, in order */
	bool disk_full;
	bool forks_refused;
};

/* One build. */
struct build {
	struct trigger_call *call;
	struct app app;
	const char *dir;
	json_t *config;          /* merged variables */
	struct strv packs;       /* asked for; empty: detect */
	struct strv toolchains;  /* names, uppermost first */
	struct strv tool_layers; /* the same, and the base at the end */
	char *source;            /* layer of the tree, once it is unpacked */
	char *stamp;             /* part of the names of this build's layers */
	struct strv made;        /* layers of this build that nothing else holds yet */
	json_t *memo;            /* what the last build found; see memo.c */
};

void build_release(struct build *b);

/* Value `i` of a fact, or NULL. */
const char *talk_fact(const struct talk *t, const char *name, size_t i);
size_t talk_count(const struct talk *t, const char *name);
bool talk_has(const struct talk *t, const char *name);
/* All values of a fact, each with a newline behind it. */
void talk_text(const struct talk *t, const char *name, struct buf *out);

/* --- packs.c: which buildpacks are asked for ------------------------------------------- */

/* From buildpacks:set, .buildpacks, BUILDPACK_URL or app.json, in this order. */
int packs_wanted(struct store *st, const struct app *app, const char *dir,
		 struct strv *packs, struct err *err);

/* --- run.c: one run of the driver ------------------------------------------------------ */

struct run {
	struct build *b;
	const char *phase;
	const struct strv *packs;
	const char
		*lower[3]; /* layers above the toolchains, uppermost first; NULL ends */
	const char *seal;  /* the layer that its work becomes */
};

/* 0: done, sealed.  RUN_NEEDS: the fact "need" names a toolchain that is missing. */
enum { RUN_NEEDS = 1 };
int run_driver(const struct run *r, struct talk *t, struct err *err);
/* Layers of the toolchains b->toolchains, made where they are missing. */
int run_find_toolchains(struct build *b, struct err *err);

/* --- memo.c: what can be used again ------------------------------------------------------ */

/* The memo of the last build, or an empty object.  What of it is not among the layers
 * `there` is forgotten. */
int memo_load(struct build *b, const struct strv *there, struct err *err);
int memo_save(struct build *b, struct err *err);
/* A digest of all that decides the dependencies; `extra` are paths named by buildpacks.
 * A new string. */
int memo_key(struct build *b, const json_t *extra, char **key, struct err *err);
const char *memo_text(const struct build *b, const char *field);

/* --- result.c: from what was said to the image ------------------------------------------ */

/* Complete the image, whose layers are set. */
int result_finish(struct build *b, struct err *err);

/* --- site.c: a built site that nginx serves ---------------------------------------------- */

/* Copy directory `dir` of a tree of layers into static/APP/TREE. */
int site_export(struct build *b, const struct strv *layers, const char *dir,
		const char *tree, struct err *err);

int buildpack_cmd_report(struct request *req, struct err *err);
int buildpack_cmd_set(struct request *req, struct err *err);

trigger_fn buildpack_on_detect;
trigger_fn buildpack_on_build;

#endif
