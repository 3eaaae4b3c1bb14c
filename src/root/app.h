/* SPDX-License-Identifier: MIT */
/* Everything the helper keeps about one app, removed or renamed as a whole. */
#ifndef DAVIT_ROOT_APP_H
#define DAVIT_ROOT_APP_H

#include <jansson.h>

#include "util/err.h"

int verb_forget(const json_t *op, json_t *reply, struct err *err);
int verb_rename(const json_t *op, json_t *reply, struct err *err);

/*
 * A renamed app's files are found under the old name too, by a symlink, as long as nginx
 * has a file of that name: no request may fail in between.  Drop those links of `app`.
 */
void app_drop_alias(const char *app);
/* Those of all apps whose file has gone: whoever was about to drop them died. */
int app_sweep_aliases(struct err *err);

#endif
