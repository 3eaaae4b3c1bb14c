/* SPDX-License-Identifier: MIT */
/*
 * The stack: the base layer, a Debian release made by mmdebstrap, and the toolchain layers
 * built on it on first need, which all apps share.
 *
 * Which base is current, and which toolchains belong to it, are properties of the host
 * (plugin "stack"): a new base starts without toolchains, and apps keep the layers of
 * their release until their next one.  Names of layers begin with STACK_PREFIX, which no
 * layer of an app does.
 */
#ifndef DAVIT_RUNTIME_STACK_H
#define DAVIT_RUNTIME_STACK_H

#include <stdbool.h>

#include "store/store.h"
#include "util/out.h"
#include "util/strv.h"

#define STACK_PREFIX "stack_"

/* The layer that is the current base, a new string; "" when there is none yet. */
int stack_current(struct store *st, char **layer, struct err *err);
/* As stack_current, but an error that says how to make one. */
int stack_base(struct store *st, char **layer, struct err *err);

/* Make a new base, make it current, and build the toolchains that the old one had. */
int stack_build(struct store *st, struct out *to, struct err *err);

/* May a toolchain have this name?  The recipes are in buildpacks/toolchains/build. */
bool stack_knows(const char *toolchain);
/* Do two names mean versions of the same thing: "node-22", "node-20.11.1"? */
bool stack_same_kind(const char *a, const char *b);

struct stack_want {
	struct store *st;
	struct out *to;
	int cancel_fd;
	const char *toolchain;
};

/* The layer of a toolchain on the current base, made now where it is missing. */
int stack_toolchain(const struct stack_want *want, char **layer, struct err *err);
/* Forget a layer that turned out to be gone, so that it is made again. */
int stack_forget(struct store *st, const char *layer, struct err *err);
/* Toolchains of the current base: names and layers, pairwise. */
int stack_toolchains(struct store *st, struct strv *names, struct strv *layers,
		     struct err *err);
/* Every layer there is, by davit-root: sorted names and, pairwise, their bytes. */
int stack_layers(struct strv *names, struct strv *bytes, struct err *err);

#endif
