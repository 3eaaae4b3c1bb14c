/* SPDX-License-Identifier: MIT */
/* What `run` and `start` do alike before a container's first process. */
#ifndef DAVIT_ROOT_LAUNCH_H
#define DAVIT_ROOT_LAUNCH_H

#include <jansson.h>
#include <stdbool.h>

#include "root/container.h"
#include "root/net.h"
#include "root/rootfs.h"
#include "util/err.h"

struct launch {
	const struct container *c;
	unsigned base;
	int user_fd;
	int net_fd;
	int old_net_fd; /* of an earlier life, whose device it takes over; or -1 */
	struct rootfs root;
	char address[NET_TEXT]; /* "" without a network */
	json_t *state;
};

/*
 * Directory, state, namespaces, root file system, network, mounts and configuration.
 * `kind` ("run" or "start") and `group` (an OCI cgroupsPath) go into the state.  With
 * `again`, what an earlier life of it has left goes first.  The caller releases, and
 * destroys the container when anything after it fails; a failure here has left nothing.
 */
struct launch_how {
	const char *kind;
	const char *group;
	bool again;
};
int launch_prepare(const struct container *c, const struct launch_how *how,
		   struct launch *l, struct err *err);
void launch_release(struct launch *l);

#endif
