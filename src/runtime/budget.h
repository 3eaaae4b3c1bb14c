/* SPDX-License-Identifier: MIT */
/*
 * Memory that is promised to the instances of all apps, beside what the host has.  An
 * instance is promised what is reserved for it, else its limit where one is set; the default
 * limit is no promise.  Apps that are stopped count nothing.
 */
#ifndef DAVIT_RUNTIME_BUDGET_H
#define DAVIT_RUNTIME_BUDGET_H

#include "store/store.h"
#include "util/out.h"

struct budget {
	int64_t promised; /* bytes */
	int64_t host;
};

int budget_of(struct store *st, struct budget *b, struct err *err);
/*
 * To be asked after a change that may promise more, in its transaction: says so when the
 * host has less than is promised, or refuses where `strict` is set.
 */
int budget_check(struct store *st, struct out *out, bool strict, struct err *err);

#endif
