/* SPDX-License-Identifier: MIT */
/* What a container may ask for beside its process: names, resolvers, limits, shared memory. */
#ifndef DAVIT_ROOT_WORLD_H
#define DAVIT_ROOT_WORLD_H

#include "root/container.h"

/* The fields hosts, dns, ulimits and shm of `run` and `start`. */
int world_parse(const json_t *op, struct container *c, struct err *err);
void world_release(struct container *c);

/* The rlimits of the process for its OCI configuration; none above our own hard limits,
 * which the runtime could not raise. */
json_t *world_rlimits(const struct container *c);

#endif
