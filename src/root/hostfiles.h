/* SPDX-License-Identifier: MIT */
/* Files of the host that every container gets: resolver, hosts, CA bundle, time zone. */
#ifndef DAVIT_ROOT_HOSTFILES_H
#define DAVIT_ROOT_HOSTFILES_H

#include "root/container.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

/* Write what is composed into c/ID; `address` is the container's, or NULL. */
int hostfiles_write(const struct container *c, const char *address, struct err *err);
/* Append pairs SOURCE, TARGET for the files there are. */
void hostfiles_list(const struct container *c, struct strv *pairs);
/* The targets as paths relative to the root, and those of the container's mounts. */
void hostfiles_targets(const struct container *c, struct strv *relative);

/* A resolver's file for a container: lines that name a loopback address are dropped.
 * False when no name server is left. */
bool hostfiles_resolver(const char *text, struct buf *out);

#endif
