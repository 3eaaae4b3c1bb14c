/* SPDX-License-Identifier: MIT */
/*
 * The network of the apps: bridge vdavit0 with a subnet of its own, chosen free once and
 * kept in /var/lib/davit/network; an address for each container and a fixed one for each
 * app, kept in /var/lib/davit/addresses until they are released.
 *
 * The lower half of the subnet belongs to containers, the upper half to apps: an app's
 * address is on no machine, nftables sends its connections to the app's instances.
 */
#ifndef DAVIT_ROOT_NET_H
#define DAVIT_ROOT_NET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

enum { NET_TEXT = 64 };

struct net_plan {
	uint32_t base; /* of the subnet, host byte order */
	int bits;
	char ula[NET_TEXT]; /* "fd12:3456:789a:1::", the first half of a /64 */
};

/* The plan that is kept, or a new one, kept from now on. */
int net_plan(struct net_plan *out, struct err *err);
/* "10.213.0.0/18"; the half of apps: "10.213.32.0/19". */
void net_subnet_text(const struct net_plan *p, char out[NET_TEXT]);
void net_apps_text(const struct net_plan *p, char out[NET_TEXT]);
void net_host_text(const struct net_plan *p, unsigned number, char out[NET_TEXT]);

/* Does 10.a.b.c/bits overlap with a route of this host (text of /proc/net/route)? */
bool net_overlaps(uint32_t base, int bits, const char *routes);

/* The number (and address) of a container or, for "@APP", of an app; given out on first
 * use. */
int net_number(const char *name, unsigned *number, struct err *err);
/* The number that was given out to the name, or 0. */
int net_lookup(const char *name, unsigned *number, struct err *err);
int net_release(const char *name, struct err *err);
/* What a helper left that died while it wrote. */
void net_sweep(void);
int net_rename(const char *from, const char *to, struct err *err);

/* Bytes a second to and from a container; 0: as fast as it goes. */
struct net_rates {
	int64_t in;
	int64_t out;
};

/* Connect a network namespace: loopback, eth0 with the container's addresses, a port of
 * the bridge that reaches no other port.  The devices are those of `old_fd`, the namespace
 * that the container had before, or new ones (-1). */
int net_attach(const char *id, int net_fd, int old_fd, const struct net_rates *rates,
	       char address[NET_TEXT], struct err *err);
/* Loopback only. */
int net_loopback(int net_fd, struct err *err);

/* Bridge, forwarding and tables: idempotent. */
int net_up(struct err *err);
/* net_up unless the bridge is there. */
int net_ensure(struct err *err);

int verb_net_up(const json_t *op, json_t *reply, struct err *err);

#endif
