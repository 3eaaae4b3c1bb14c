/* SPDX-License-Identifier: MIT */
/* Which layers the rows speak of. */
#ifndef DAVIT_STORE_LAYER_H
#define DAVIT_STORE_LAYER_H

#include <stdbool.h>

#include "store/store.h"

/* Does a release of any app hold this layer? */
int layer_is_used(struct store *st, const char *layer, bool *used, struct err *err);

#endif
