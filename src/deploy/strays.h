/* SPDX-License-Identifier: MIT */
/* What is there, and no row of the store knows: containers, addresses, work directories. */
#ifndef DAVIT_DEPLOY_STRAYS_H
#define DAVIT_DEPLOY_STRAYS_H

#include "store/store.h"
#include "util/out.h"

/* Remove them, each with a line. */
int strays_remove(struct store *st, struct out *out, struct err *err);

#endif
