/* SPDX-License-Identifier: MIT */
/* Commands that people run by hand, in a container of their own or inside a running one. */
#ifndef DAVIT_RUNTIME_ONEOFF_H
#define DAVIT_RUNTIME_ONEOFF_H

#include <jansson.h>
#include <stdbool.h>

#include "store/image.h"
#include "util/err.h"

/*
 * The command line of some words, a new string for the shell in the container.  The first
 * word may be a process type, which stands for its command.  One word alone is a command
 * line as it is; several are quoted, so that each arrives as it was given.  A "--" before
 * them is dropped.
 */
char *oneoff_command(const struct image *im, const char *const *words);

/* Should this run have a terminal?  True where both ends of ours are one. */
bool oneoff_has_tty(void);

struct oneoff {
	const char *verb; /* "run" or "exec" */
	json_t *fields;   /* taken over */
	bool tty;
};

/*
 * Do it with our stdin, stdout and stderr, and wait.  *code is its exit status.  When our
 * reader is gone, so is it.
 */
int oneoff_attach(const struct oneoff *o, int *code, struct err *err);

#endif
