/* SPDX-License-Identifier: MIT */
/*
 * Which port of the host leads to which port of an app: maps "SCHEME:HOST:CONTAINER".
 * Configured maps (ports:set) count alone; otherwise the detected ones do.  In those, host
 * port 80 stands for the app's proxy port: proxy:set's, else 80 where the app answers to a
 * name, else a free port that is taken for it once and kept.
 */
#ifndef DAVIT_SERVE_PORTS_H
#define DAVIT_SERVE_PORTS_H

#include <stdbool.h>

#include "serve/speech.h"
#include "store/app.h"
#include "store/store.h"
#include "util/strv.h"

struct port_map {
	char scheme[16];
	long host;
	long container;
	/* In a vhost: what the port speaks to all instead, so that this is not served. */
	enum port_speech clash;
};

/* The store is read-only and the app has no port yet: a deploy will take one. */
enum { PORTS_UNKNOWN = 1 };

/* 0, or ERR_USAGE with the form that is wanted. */
int ports_parse(const char *word, struct port_map *map, struct err *err);

/* Appends the maps in effect.  `tls`: the app has a certificate.  0 or PORTS_UNKNOWN. */
int ports_of_app(struct store *st, const struct app *app, bool tls, struct strv *maps,
		 struct err *err);
/* The maps that count while nothing is configured. */
int ports_detected(struct store *st, const struct app *app, bool tls, struct strv *maps,
		   struct err *err);
/* The maps of ports:set. */
int ports_configured(struct store *st, int64_t app_id, struct strv *maps,
		     struct err *err);
/* The app's plain HTTP port on the host.  0 or PORTS_UNKNOWN. */
int ports_proxy_port(struct store *st, const struct app *app, long *port,
		     struct err *err);
/* The app's HTTPS port on the host: proxy:set's, or 443. */
int ports_ssl_port(struct store *st, int64_t app_id, long *port, struct err *err);
/* A port above 1024 that neither a program nor another app has. */
int ports_free(struct store *st, long *port, struct err *err);

#endif
