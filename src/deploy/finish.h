/* SPDX-License-Identifier: MIT */
/* The last lines of a successful deploy. */
#ifndef DAVIT_DEPLOY_FINISH_H
#define DAVIT_DEPLOY_FINISH_H

#include "deploy/work.h"

/* After a push: remember the source, print the URLs. */
void finish_push(struct work *w, const char *metadata);
/* Print where the app answers. */
void finish_urls(struct work *w);

#endif
