/* SPDX-License-Identifier: MIT */
/*
 * What a listener of nginx speaks, it speaks to every app on that port: TLS, and HTTP/2
 * where there is no TLS.  So a port of the host speaks one thing: 80 HTTP, 443 TLS, any other
 * what the first app has said, whether it serves that now or once it has a certificate.
 */
#ifndef DAVIT_SERVE_SPEECH_H
#define DAVIT_SERVE_SPEECH_H

#include "store/app.h"
#include "store/store.h"

enum port_speech {
	SPEAKS_NOTHING, /* nobody has said; an unknown scheme */
	SPEAKS_HTTP,
	SPEAKS_HTTP2, /* alone: grpc without TLS */
	SPEAKS_TLS,
};

struct port_map;

enum port_speech speech_of(const char *scheme);
const char *speech_name(enum port_speech speech);
/* What the port speaks whatever this app says: for the host, or for another app.  With
 * STORE_GLOBAL for the app: for any. */
int speech_on(struct store *st, int64_t app_id, long port, enum port_speech *speech,
	      struct err *err);
/* May the app have this mapping?  0, or ERR_REFUSED. */
int speech_check(struct store *st, const struct app *app, const struct port_map *map,
		 struct err *err);

#endif
