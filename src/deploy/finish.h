/* SPDX-License-Identifier: MIT */
/* The last lines of a successful deploy. */
#ifndef DAVIT_DEPLOY_FINISH_H
#define DAVIT_DEPLOY_FINISH_H

#include "deploy/work.h"

/* What serves came by a push, an image or the like (`type`; NULL: from where the code before it
 * did, or whoever asked says it): remember that, print the URLs. */
void finish_push(struct work *w, const char *type, const char *metadata);
/* Print where the app answers. */
void finish_urls(struct work *w);

#endif
