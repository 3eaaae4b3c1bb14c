/* SPDX-License-Identifier: MIT */
/*
 * Process types whose checks are disabled (checks:disable): what is replaced ends before what
 * replaces it begins, for those who cannot have both at a time.  Their rows stay, as of instances
 * that this process is starting again: when the deploy fails, or its process dies, they are.
 */
#ifndef DAVIT_DEPLOY_MAKEWAY_H
#define DAVIT_DEPLOY_MAKEWAY_H

#include "deploy/fleet.h"
#include "store/instance.h"

struct makeway {
	struct work *w;
	const struct fleet *fresh;
	const struct instances *now;
	const bool *stays;     /* per row of now */
	struct instances gone; /* those that were stopped */
};

void makeway_release(struct makeway *m);

/* Stop the instances that something in `fresh` is to replace, traffic first. */
int makeway_stop(struct makeway *m, struct err *err);
/* The deploy has failed: start them again. */
void makeway_undo(struct makeway *m);

#endif
