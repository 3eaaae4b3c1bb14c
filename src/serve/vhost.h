/* SPDX-License-Identifier: MIT */
/*
 * What a proxy has to know about one app, whatever its syntax is.  Everything in it was
 * checked on the way in (grammars of util/name.h), and a renderer quotes it all the same.
 */
#ifndef DAVIT_SERVE_VHOST_H
#define DAVIT_SERVE_VHOST_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/ports.h"
#include "serve/urls.h"
#include "util/buf.h"

enum { VHOST_PORTS_MAX = 64 };

struct vhost {
	const char *app;   /* lives as long as the struct app it was made from */
	struct strv names; /* none: every name on the app's own port */
	struct port_map ports[VHOST_PORTS_MAX];
	size_t port_count;
	char *root;           /* a static site: the directory; or NULL */
	char *custom;         /* the release's own nginx.conf.sigil; or NULL */
	char *address;        /* instances: the fixed address; or NULL */
	bool down;            /* nothing is there to answer yet: 502 */
	char *listener;       /* network:set static-web-listener, ADDRESS:PORT; or NULL */
	bool tls;             /* certificate and key are in place */
	uint64_t certificate; /* a number that changes with it */
	bool ipv6;            /* this host has IPv6 sockets */
	char host_address[URLS_ADDRESS];
	struct buf lines; /* of plugins, for the server blocks; balanced */
};

#define VHOST_INIT                                    \
	{                                             \
		.names = STRV_INIT, .lines = BUF_INIT \
	}

void vhost_release(struct vhost *v);

/* Nothing is to be served: a release without a web process, or none and no name. */
enum { VHOST_NOTHING = 1 };

/* Fill an empty vhost for an app, all but its lines.  0 or VHOST_NOTHING. */
int vhost_load(struct store *st, const struct app *app, struct vhost *v, struct err *err);

/* As it will be once a release of instances serves: before the first one, with the
 * address 127.0.0.1. */
int vhost_foresee(struct store *st, const struct app *app, struct vhost *v,
		  struct err *err);

/* Has the host IPv6 sockets? */
bool vhost_host_has_ipv6(void);

#endif
