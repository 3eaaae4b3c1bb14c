/* SPDX-License-Identifier: MIT */
/*
 * Where an app's requests go.  A redeploy changes this and no file of the proxy: for
 * instances the route behind the app's fixed address, for a site of files one symlink.
 */
#ifndef DAVIT_SERVE_SERVE_H
#define DAVIT_SERVE_SERVE_H

#include "serve/proxy.h"
#include "store/app.h"
#include "util/strv.h"

/*
 * New connections to the app's web port go to these containers, all or none: none
 * means refused at once.  Connections that are open stay where they are.  The app's fixed
 * address is remembered for its vhost.
 */
int serve_route(struct store *st, proxy_ask *ask, const struct app *app, long port,
		const struct strv *ids, struct err *err);

/* The fixed address: 0 and a new string, or STORE_NO_ROW when it was never routed to. */
int serve_address(struct store *st, int64_t app_id, char **address, struct err *err);

/* The release of files that is served from here on. */
int serve_static(proxy_ask *ask, const struct app *app, const char *release,
		 struct err *err);

#endif
