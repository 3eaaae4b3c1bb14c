/* SPDX-License-Identifier: MIT */
/* Which instances new connections to an app go to. */
#ifndef DAVIT_DEPLOY_ROUTE_H
#define DAVIT_DEPLOY_ROUTE_H

#include <jansson.h>

#include "store/app.h"
#include "store/image.h"
#include "util/out.h"

/* The port that web instances listen on: of the port map, of the image, or 5000. */
long route_port(struct store *st, struct out *out, const struct app *app,
		const struct image *im);

/* The port that davit-root opens towards them; 0 for an app that maps several. */
long route_open_port(struct store *st, struct out *out, const struct app *app,
		     const struct image *im);

/* Send new connections to these containers (an array of ids, taken over), at once. */
enum { ROUTE_SAME_PORT = -1 }; /* the one that is open now */
int route_set(struct store *st, const struct app *app, long port, json_t *ids,
	      struct err *err);

/* To every ready web instance that the store knows. */
int route_ready(struct store *st, struct out *out, const struct app *app,
		const struct image *im, struct err *err);
/* The same with the port as it is: no plugin is asked, no hook runs. */
int route_ready_again(struct store *st, const struct app *app, struct err *err);

#endif
