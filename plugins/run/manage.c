/* SPDX-License-Identifier: MIT */
/* What runs, and its end. */
#include <string.h>

#include "plugins/run/run.h"
#include "runtime/helper.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

enum { STOP_MS = 10000, HELD_MAX_S = 10 };

/* What the helper knows of every container, by name. */
static int load_states(json_t **states, struct err *err)
{
	AUTO(json_at) json_t *reply = NULL;
	json_t *item;
	size_t i;

	if (helper_one("list", NULL, &reply, err) < 0)
		return -1;
	*states = json_object();
	json_array_foreach(json_object_get(reply, "instances"), i, item) {
		const char *id = json_string_value(json_object_get(item, "id"));

		if (id)
			(void)json_object_set(*states, id,
					      json_object_get(item, "state"));
	}
	return 0;
}

/* A row without a container is left over, unless it is being started just now. */
static bool is_left_over(struct store *st, int64_t app_id, const char *name,
			 const json_t *states)
{
	AUTO_FREE char *text = NULL;
	AUTO(json_at) json_t *about = NULL;
	struct err ignored;

	if (json_object_get(states, name) ||
	    property_find(st, app_id, "run", name, &text, &ignored) != 0)
		return false;
	about = json_loads(text, 0, NULL);
	return clock_now() - json_integer_value(json_object_get(about, "created_at")) >
	       HELD_MAX_S;
}

int run_names(struct store *st, const struct app *app, struct strv *names,
	      json_t **states, struct err *err)
{
	AUTO(json_at) json_t *known = NULL;

	if (load_states(&known, err) < 0 ||
	    property_keys(st, app->id, "run", "", names, err) < 0)
		return -1;
	for (size_t i = names->len; i > 0; i--) {
		const char *name = names->v[i - 1];

		if (!is_left_over(st, app->id, name, known))
			continue;
		if (st->writable && property_unset(st, app->id, "run", name, err) < 0)
			return -1;
		strv_remove(names, i - 1);
	}
	*states = json_incref(known);
	return 0;
}

int run_stop_one(struct store *st, int64_t app_id, const char *name, struct err *err)
{
	if (helper_one("stop", json_pack("{s:s, s:i}", "id", name, "grace_ms", STOP_MS),
		       NULL, err) < 0)
		return -1;
	return property_unset(st, app_id, "run", name, err);
}

int run_retire(struct store *st, const struct app *app, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(json_at) json_t *states = NULL;

	if (run_names(st, app, &names, &states, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		AUTO_FREE char *text = NULL;
		AUTO(json_at) json_t *about = NULL;
		int64_t end;

		if (property_find(st, app->id, "run", name, &text, err) != 0)
			continue;
		about = json_loads(text, 0, NULL);
		end = json_integer_value(json_object_get(about, "created_at")) +
		      json_integer_value(json_object_get(about, "ttl"));
		if (clock_now() > end && run_stop_one(st, app->id, name, err) < 0)
			return -1;
	}
	return 0;
}

/* The exit hook of a detached one: its log stays, the rest goes. */
int run_on_instance_exited(const struct plugin *self, struct trigger_call *call,
			   struct err *err)
{
	const char *name = call->argv[0];
	int64_t app_id;
	int rc = name ? property_owner(call->st, "run", name, &app_id, err)
		      : STORE_NO_ROW;

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : TRIGGER_DECLINED;
	if (helper_one("delete", json_pack("{s:s}", "id", name), NULL, err) < 0)
		return -1;
	return property_unset(call->st, app_id, "run", name, err);
}

/* Before the app's trees go, nothing may run in them. */
int run_on_post_delete(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(json_at) json_t *states = NULL;
	struct app app;
	int rc = app_find(call->st, call->argv[0] ? call->argv[0] : "", &app, err);

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (property_keys(call->st, app.id, "run", "", &names, err) < 0)
		return -1;
	if (names.len == 0)
		return 0;
	strv_release(&names);
	if (run_names(call->st, &app, &names, &states, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		if (run_stop_one(call->st, app.id, name, err) < 0)
			return -1;
	}
	return 0;
}

int run_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	int rc = 0;

	(void)self;
	if (property_apps(call->st, "run", "", &apps, err) < 0)
		return -1;
	strv_foreach(name, &apps) {
		struct app app;

		if (app_find(call->st, name, &app, err) != 0 ||
		    run_retire(call->st, &app, err) == 0)
			continue;
		out_warn(call->to, "run:retire %s: %s", name, err->text);
		rc = -1;
	}
	return rc;
}
