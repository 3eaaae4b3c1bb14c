/* SPDX-License-Identifier: MIT */
/*
 * Going back to this davit from a newer one: its store becomes one of ours again, with what
 * has happened meanwhile.  Tables and columns that we know are kept, others are not.
 */
#ifndef DAVIT_STORE_ADOPT_H
#define DAVIT_STORE_ADOPT_H

#include "util/err.h"

/*
 * Copy the store to davit.db.newer-N, then turn it into one of our schema, in one
 * transaction: a failure leaves it as it is.  ADOPT_NOT_NEWER: there is nothing to do.
 */
enum { ADOPT_NOT_NEWER = 1 };
int adopt_store(struct err *err);

#endif
