/* SPDX-License-Identifier: MIT */
/* The table of verbs: what protocol.h promises. */
#ifndef DAVIT_ROOT_VERBS_H
#define DAVIT_ROOT_VERBS_H

#include <jansson.h>

#include "util/err.h"

struct verb {
	const char *name;
	const char *fields; /* as request_fields takes them */
	/* `reply` is an object to which results are added. */
	int (*run)(const json_t *op, json_t *reply, struct err *err);
};

/* Ends with a row without a name. */
extern const struct verb verbs[];

/* Check the fields of one operation and run its verb. */
int verbs_run(const json_t *op, json_t *reply, struct err *err);

#endif
