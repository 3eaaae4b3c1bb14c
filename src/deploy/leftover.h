/* SPDX-License-Identifier: MIT */
/* Trees that an interrupted run made and that no release will ever name. */
#ifndef DAVIT_DEPLOY_LEFTOVER_H
#define DAVIT_DEPLOY_LEFTOVER_H

#include "store/app.h"

/* Remove those of one app.  Under its lock: no build of it is at work. */
int leftover_drop(struct store *st, const struct app *app, struct err *err);

/* Which of these apps made the layer, by its name; NULL: none of them. */
const char *leftover_maker(const struct strv *apps, const char *layer);

#endif
