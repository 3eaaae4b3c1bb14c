/* SPDX-License-Identifier: MIT */
/*
 * What to run: a release's process, or a command in it, as the fields that davit-root's
 * verbs `run` and `start` want.  The same for instances, one-off commands and release
 * commands, so that all see the same world.
 */
#ifndef DAVIT_RUNTIME_CONTAINER_H
#define DAVIT_RUNTIME_CONTAINER_H

#include <jansson.h>

/* APP_UID and STACK_APP are words of both sides. */
#include "root/protocol.h"
#include "store/app.h"
#include "store/release.h"
#include "util/strv.h"

/* The script of the stack that starts one command line of an app: start COMMAND-LINE. */
#define CONTAINER_START "/usr/local/bin/start"
/* Inside the container of an image that was made elsewhere, and lacks that script. */
#define CONTAINER_SHELL "/bin/sh"
enum { CONTAINER_WEB_PORT = 5000 };

struct container {
	const struct app *app;
	const struct release *release;
	const char *id;      /* unique on the host */
	const char *process; /* "web", "run", "release", …: limits and DYNO */
	const char *phase; /* "deploy" or "run": storage and options; NULL is "deploy" */
	int number;        /* DYNO is process.number */
	long port;         /* PORT, or 0: none */
	const char *command; /* a command line for the shell inside, or NULL: argv */
	const char *const *argv;
	const struct strv *env; /* "K=V" over everything else, or NULL */
};

/* A new object with every field of the container; the caller adds log, tty or seal. */
int container_spec(struct store *st, const struct container *c, json_t **spec,
		   struct err *err);

#endif
