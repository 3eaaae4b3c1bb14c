/* SPDX-License-Identifier: MIT */
/* What an app's app.json asks of its config and formation. */
#ifndef DAVIT_DEPLOY_APP_JSON_H
#define DAVIT_DEPLOY_APP_JSON_H

#include <jansson.h>

#include "deploy/work.h"

/* "env": fill what is missing (generated secrets too), overwrite what has sync; -1 when a
 * required variable has no value. */
int app_json_set_env(struct work *w, const json_t *app_json, struct err *err);

/* "formation": its quantities replace the app's; ps:scale is refused while it has any. */
int app_json_set_formation(struct work *w, const json_t *app_json, struct err *err);

#endif
