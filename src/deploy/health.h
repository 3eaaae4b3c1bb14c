/* SPDX-License-Identifier: MIT */
/*
 * The checks that an app asks for: app.json "healthchecks" per process type, or the older
 * CHECKS file for web.  Times are in milliseconds here; the files speak of seconds.
 */
#ifndef DAVIT_DEPLOY_HEALTH_H
#define DAVIT_DEPLOY_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "store/image.h"
#include "util/strv.h"

enum health_type { HEALTH_STARTUP, HEALTH_READINESS, HEALTH_LIVENESS };
enum health_probe { HEALTH_LISTENING, HEALTH_PATH, HEALTH_COMMAND, HEALTH_UPTIME };

struct health {
	enum health_type type;
	enum health_probe probe;
	char *name;
	char *path;          /* HEALTH_PATH */
	char *content;       /* what the body must hold, or NULL */
	char *scheme;        /* "http" or "https" (as told to the app) */
	struct strv headers; /* "Name: value" */
	struct strv command; /* HEALTH_COMMAND: argv */
	long port;           /* 0: the web port */
	int attempts;
	int timeout_ms;
	int wait_ms;  /* between attempts */
	int every_ms; /* liveness and readiness while it serves; 0: with each tick */
	int delay_ms; /* before the first */
	int uptime_ms;
	bool warn_only;
};

struct healths {
	struct health *v;
	size_t len;
};

#define HEALTHS_INIT      \
	{                 \
		.v = NULL \
	}

void healths_release(struct healths *list);

/*
 * What the image asks for one process type; none at all is fine.  `vars` are the app's
 * variables, which an older CHECKS file may name as a template does: {{ var "NAME" }}.
 */
int healths_of(const struct image *im, const json_t *vars, const char *process,
	       struct healths *list, struct err *err);
/* The older CHECKS file. */
int healths_from_checks(const char *text, struct healths *list, struct err *err);

/* Can all checks of an image be understood?  Told before the build, not after it. */
int healths_check_image(const struct image *im, const json_t *vars, struct err *err);

#endif
