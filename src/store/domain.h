/* SPDX-License-Identifier: MIT */
/*
 * Table domain: host names in the order they were given.  Rows of STORE_GLOBAL are the
 * host's own domains, below which apps get their default name.  What an app answers to is
 * serve/domains.h's matter.
 */
#ifndef DAVIT_STORE_DOMAIN_H
#define DAVIT_STORE_DOMAIN_H

#include "store/store.h"
#include "util/strv.h"

/* Appends the hosts of one app, or of the host, in order. */
int domain_list(struct store *st, int64_t app_id, struct strv *hosts, struct err *err);
/* These and no others, in this order; one transaction. */
int domain_replace(struct store *st, int64_t app_id, const struct strv *hosts,
		   struct err *err);
/* Which app has this host as a row of its own?  0 with its name (new), or STORE_NO_ROW. */
int domain_owner(struct store *st, const char *host, int64_t but_not, char **app,
		 struct err *err);
/* Names of the deployed apps that have no list of their own. */
int domain_followers(struct store *st, struct strv *apps, struct err *err);

#endif
