/* SPDX-License-Identifier: MIT */
/* What an app's app.json asks of its config and formation. */
#ifndef DAVIT_DEPLOY_APP_JSON_H
#define DAVIT_DEPLOY_APP_JSON_H

#include <jansson.h>

#include "deploy/work.h"

/*
 * "env": what is missing (generated secrets too) and what has sync goes into `vars`, the
 * app's merged variables, and into `add`, which is to be stored when the release serves.
 * -1 when a required variable has no value.
 */
int app_json_env(struct work *w, const json_t *app_json, json_t *vars, json_t *add,
		 struct err *err);

/* "formation": its quantities go into `want`, and rule over the app's own. */
int app_json_formation(const json_t *app_json, json_t *want, struct err *err);

/* ps:scale is refused while app.json has a formation. */
int app_json_set_can_scale(struct work *w, bool may, struct err *err);

#endif
