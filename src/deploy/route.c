/* SPDX-License-Identifier: MIT */
#include "deploy/route.h"

#include <string.h>

#include "deploy/lock.h"
#include "plugin/plugin.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "store/instance.h"
#include "store/property.h"
#include "util/cleanup.h"

enum { PORTS_SEEN = 32 };

/* The container ports of the map, in its order. */
static size_t mapped_ports(struct store *st, struct out *out, const struct app *app,
			   long ports[], size_t max)
{
	AUTO_FREE char *text = NULL;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct err ignored;
	size_t n = 0;

	if (trigger_ask(st, out, &text, &ignored, TRIGGER_PORTS_GET, app->name, NULL) ==
	    0)
		strv_split(&lines, text, "\n");
	strv_foreach(line, &lines) {
		const char *last = strrchr(line, ':');

		if (n < max && last && strncmp(line, "udp:", 4) != 0 &&
		    name_to_int(last + 1, 1, 65535, &ports[n]))
			n++;
	}
	return n;
}

long route_port(struct store *st, struct out *out, const struct app *app,
		const struct image *im)
{
	long first;

	if (mapped_ports(st, out, app, &first, 1))
		return first;
	return im->port ? im->port : CONTAINER_WEB_PORT;
}

long route_open_port(struct store *st, struct out *out, const struct app *app,
		     const struct image *im)
{
	long ports[PORTS_SEEN];
	size_t n = mapped_ports(st, out, app, ports, PORTS_SEEN);

	for (size_t i = 1; i < n; i++)
		if (ports[i] != ports[0])
			return 0;
	return n ? ports[0] : route_port(st, out, app, im);
}

/* It seldom changes: no write, and no sync, for what is there. */
static int keep_address(struct store *st, const struct app *app, const char *address,
			struct err *err)
{
	AUTO_FREE char *was = NULL;

	if (property_get(st, PROPERTY(app->id, "network", "address"), "", &was, err) < 0)
		return -1;
	return strcmp(was, address) == 0
		       ? 0
		       : property_set(st, app->id, "network", "address", address, err);
}

int route_set(struct store *st, const struct app *app, long port, json_t *ids,
	      struct err *err)
{
	json_t *op = json_pack("{s:s, s:o}", "app", app->name, "ids", ids);
	json_t *reply = NULL;
	const char *address;
	int rc;

	if (port != ROUTE_SAME_PORT)
		(void)json_object_set_new(op, "port", json_integer(port));
	rc = helper_one("route", op, &reply, err);
	if (rc < 0)
		return err_context(err, "send traffic to %s", app->name);
	address = json_string_value(json_object_get(reply, "address"));
	if (address)
		rc = keep_address(st, app, address, err);
	json_decref(reply);
	return rc;
}

static void add_ready(const struct instances *all, bool unfit, json_t *ids)
{
	for (size_t i = 0; i < all->len; i++)
		if (strcmp(all->v[i].process, "web") == 0 &&
		    all->v[i].state == INSTANCE_READY && (unfit || !all->v[i].unready))
			(void)json_array_append_new(ids,
						    json_string(all->v[i].container));
}

static int to_ready(struct store *st, const struct app *app, long port, struct err *err)
{
	AUTO(instances_release) struct instances now = INSTANCES_INIT;
	AUTO_CLOSE int lock = -1;
	json_t *ids;

	if (lock_route(app->id, &lock, err) < 0 ||
	    instance_list(st, app->id, &now, err) < 0)
		return -1;
	ids = json_array();
	add_ready(&now, false, ids);
	/* Where none is fit, one that may answer is better than none. */
	if (json_array_size(ids) == 0)
		add_ready(&now, true, ids);
	return route_set(st, app, port, ids, err);
}

int route_ready(struct store *st, struct out *out, const struct app *app,
		const struct image *im, struct err *err)
{
	return to_ready(st, app, route_open_port(st, out, app, im), err);
}

int route_ready_again(struct store *st, const struct app *app, struct err *err)
{
	return to_ready(st, app, ROUTE_SAME_PORT, err);
}
