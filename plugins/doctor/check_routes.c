/* SPDX-License-Identifier: MIT */
/* An app's address leads to its web instances that are ready, and nowhere else. */
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static void wanted(const struct doctor *d, int64_t app_id, struct strv *addresses)
{
	for (size_t i = 0; i < d->rows.len; i++) {
		const struct instance *in = &d->rows.v[i];

		if (in->app_id == app_id && in->state == INSTANCE_READY &&
		    strcmp(in->process, "web") == 0)
			strv_add(addresses, in->address);
	}
	strv_sort(addresses);
}

static char *joined(const json_t *list)
{
	AUTO(strv_release) struct strv all = STRV_INIT;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		strv_add(&all, json_string_value(item));
	strv_sort(&all);
	return strv_join(&all, " ");
}

static void check_app(struct doctor *d, const struct app *app)
{
	const json_t *route = json_object_get(json_object_get(d->host, "routes"),
					      app->name);
	AUTO(strv_release) struct strv ready = STRV_INIT;
	AUTO_FREE char *kept = joined(json_object_get(route, "kept"));
	AUTO_FREE char *live = joined(json_object_get(route, "live"));
	AUTO_FREE char *cure = xasprintf("davit recover %s", app->name);
	AUTO_FREE char *want = NULL;

	wanted(d, app->id, &ready);
	want = strv_join(&ready, " ");
	if (strcmp(want, kept) != 0)
		doctor_mends(d, FAULT, cure,
			     "requests of %s are kept for '%s', ready is '%s'", app->name,
			     kept, want);
	else if (strcmp(kept, live) != 0 && doctor_is(d->host, "rules"))
		doctor_mends(d, FAULT, cure,
			     "requests of %s go to '%s', and should go to '%s'",
			     app->name, live, want);
}

/* A static site has no instances: what an earlier release had is of no account. */
static bool is_routed(struct doctor *d, const struct app *app)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct err err;

	return release_live(d->st, app->id, &live, &err) == 0 && !live.image.static_tree;
}

void doctor_check_routes(struct doctor *d)
{
	const char *name;
	json_t *route;
	struct err err;
	struct app app;

	strv_foreach(its, &d->apps) {
		if (app_find(d->st, its, &app, &err) == 0 && is_routed(d, &app))
			check_app(d, &app);
	}
	json_object_foreach(json_object_get(d->host, "routes"), name, route)
		if (!doctor_has_app(d, name))
			doctor_found(d, WARNING, "davit cleanup --gone-apps",
				     "the app %s is gone, and has a route still", name);
}
