/* SPDX-License-Identifier: MIT */
/* The base layer: mmdebstrap's tree, handed to davit-root while it is being made. */
#ifndef DAVIT_RUNTIME_STACK_BASE_H
#define DAVIT_RUNTIME_STACK_BASE_H

#include "util/err.h"
#include "util/out.h"

/* Make a base layer; *layer is its name, a new string. */
int stack_base_make(struct out *to, char **layer, struct err *err);

#endif
