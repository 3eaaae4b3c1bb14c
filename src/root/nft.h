/* SPDX-License-Identifier: MIT */
/*
 * Our nftables table `inet davit`; no other table is touched.
 *
 * nginx speaks to an app's fixed address; the nat chain on output sends each new
 * connection to one of the app's instances.  A route is replaced in one transaction and
 * kept in /run/davit/routes, so that it can be put back after somebody flushed the rules.
 */
#ifndef DAVIT_ROOT_NFT_H
#define DAVIT_ROOT_NFT_H

#include <jansson.h>

#include "root/net.h"
#include "util/err.h"
#include "util/strv.h"

/* Table, chains and fixed rules; then every kept route. */
int nft_base(const struct net_plan *p, struct err *err);

/*
 * An instance has died: no new connection goes to it.  A child of this process changes the rules,
 * and holds the lock of the routes meanwhile: a route that is set later comes later.  *left is
 * the number of instances that the route has still; NFT_NO_ROUTE when it had not that one.
 */
enum { NFT_NO_ROUTE = 1 };
int nft_drop(const char *app, const char *address, size_t *left, struct err *err);
/* Forget the route of an app. */
int nft_forget(const char *app, struct err *err);
/* Address and route go with the app's new name; no rule changes. */
int nft_rename(const char *from, const char *to, struct err *err);

struct nft_route {
	unsigned number; /* of the app's address */
	const char *address;
	long port; /* 0 = every port */
	const struct strv *backends;
};
/* The transaction of a route, as text. */
char *nft_route_text(const struct nft_route *r);
/* The transaction of nft_base without routes. */
char *nft_base_text(const struct net_plan *p);

/* Adds "routes": {APP: {address, kept: [ADDRESS…], live: [ADDRESS…]}} and "rules", whether
 * the table is there: what was kept, and what the kernel does. */
int nft_report(json_t *reply, struct err *err);

int verb_route(const json_t *op, json_t *reply, struct err *err);

#endif
