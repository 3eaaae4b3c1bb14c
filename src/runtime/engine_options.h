/* SPDX-License-Identifier: MIT */
/*
 * Flags for a container engine that people keep with an app (docker-options): split into
 * words without a shell, kept one a line, and given to davit-root where they mean something
 * to an OCI runtime.
 *
 * A line is "--flag value", "--flag=value" or "--flag", with what needs it in single quotes.
 * They are kept as lists "PROCESS.PHASE", PROCESS "_default_" for all.
 */
#ifndef DAVIT_RUNTIME_ENGINE_OPTIONS_H
#define DAVIT_RUNTIME_ENGINE_OPTIONS_H

#include <jansson.h>

#include "runtime/storage.h"
#include "util/strv.h"

#define ENGINE_OPTIONS_ALL "_default_"

/* What people gave, as separate lines appended to *lines.  Known flags take one value;
 * unknown ones all words up to the next flag.  ERR_USAGE for what is no flag. */
int engine_options_split(const char *const *words, struct strv *lines, struct err *err);

enum { ENGINE_OPTION_IDLE = 1 };
/*
 * Would this line do something?  0: yes.  ENGINE_OPTION_IDLE: no, and *instead says what
 * to do.  -1: its value is not what its flag wants.
 */
int engine_option_check(const char *line, const char **instead, struct err *err);
/* The host side that a line mounts, or NULL; the caller frees. */
char *engine_option_host_side(const char *line);

/* The lines of one phase for a process, those for all first. */
int engine_options_of(struct store *st, const struct app *app, const char *phase,
		      const char *process, struct strv *lines, struct err *err);
/* Change a container's fields (container_spec) as the lines say. */
int engine_options_apply(const struct strv *lines, json_t *spec, struct err *err);

#endif
