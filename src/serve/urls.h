/* SPDX-License-Identifier: MIT */
/* The addresses under which people reach an app. */
#ifndef DAVIT_SERVE_URLS_H
#define DAVIT_SERVE_URLS_H

#include "serve/ports.h"

/*
 * Appends one URL for each name and web port, https ones first; without a name those of
 * the host's first domain, or of its address.  0 or PORTS_UNKNOWN.
 */
int urls_of_app(struct store *st, const struct app *app, bool tls, struct strv *urls,
		struct err *err);

/* The address by which this host reaches the world, an IPv6 one in brackets; 127.0.0.1
 * where there is no way out. */
enum { URLS_ADDRESS = 64 };
const char *urls_host_address(char out[URLS_ADDRESS]);

#endif
