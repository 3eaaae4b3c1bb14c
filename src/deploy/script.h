/* SPDX-License-Identifier: MIT */
/* Commands of the app that run around a release, in a container of that release. */
#ifndef DAVIT_DEPLOY_SCRIPT_H
#define DAVIT_DEPLOY_SCRIPT_H

#include "deploy/work.h"
#include "store/release.h"

struct script {
	struct work *w;
	struct release *release;
	const char *name;    /* "release", "predeploy", "postdeploy": for people */
	const char *command; /* a command line; NULL: nothing to do */
	bool keep;           /* what it writes below /app becomes a layer of the image */
};

/* Run it, its lines to the user.  A status other than 0 is a failure. */
int script_run(const struct script *s, struct err *err);

/* scripts.dokku.NAME, or scripts.NAME at the top, of an app.json; NULL when absent. */
const char *script_of_app_json(const json_t *app_json, const char *group,
			       const char *name);

#endif
