/* SPDX-License-Identifier: MIT */
#include "serve/serve.h"

#include <string.h>

#include "store/property.h"
#include "util/cleanup.h"

int serve_address(struct store *st, int64_t app_id, char **address, struct err *err)
{
	return property_find(st, app_id, "proxy", "address", address, err);
}

/* Written only where it is new: a redeploy leaves the store alone. */
static int remember(struct store *st, int64_t app_id, const json_t *reply,
		    struct err *err)
{
	AUTO_FREE char *was = NULL;
	const char *address = json_string_value(json_object_get(reply, "address"));
	int rc = serve_address(st, app_id, &was, err);

	if (rc < 0)
		return -1;
	if (!address)
		return err_set(err, ERR_BUG, "davit-root routed to no address");
	if (rc == 0 && strcmp(was, address) == 0)
		return 0;
	return property_set(st, app_id, "proxy", "address", address, err);
}

int serve_route(struct store *st, proxy_ask *ask, const struct app *app, long port,
		const struct strv *ids, struct err *err)
{
	json_t *list = json_array();
	json_t *reply = NULL;
	int rc;

	strv_foreach(id, ids)
		(void)json_array_append_new(list, json_string(id));
	if (ask("route",
		json_pack("{s:s, s:I, s:o}", "app", app->name, "port", (json_int_t)port,
			  "ids", list),
		&reply, err) < 0)
		return err_context(err, "route to %s", app->name);
	rc = remember(st, app->id, reply, err);
	json_decref(reply);
	return rc;
}

int serve_static(proxy_ask *ask, const struct app *app, const char *release,
		 struct err *err)
{
	return ask("static-switch",
		   json_pack("{s:s, s:s}", "app", app->name, "release", release), NULL,
		   err);
}
