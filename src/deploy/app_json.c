/* SPDX-License-Identifier: MIT */
#include "deploy/app_json.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store/formation.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/name.h"

enum { SECRET_BYTES = 32 };

static json_t *make_secret(void)
{
	unsigned char bytes[SECRET_BYTES];
	char hex[2 * SECRET_BYTES + 1];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return NULL;
	for (size_t i = 0; i < sizeof bytes; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return json_string(hex);
}

/* The value of one entry: a text, or an object with value or generator.  May be NULL. */
static json_t *value_of(const json_t *entry)
{
	const char *generator;

	if (json_is_string(entry))
		return json_incref((json_t *)entry);
	if (json_is_string(json_object_get(entry, "value")))
		return json_incref(json_object_get(entry, "value"));
	generator = json_string_value(json_object_get(entry, "generator"));
	return generator && strcmp(generator, "secret") == 0 ? make_secret() : NULL;
}

struct env {
	struct work *w;
	json_t *vars;
	json_t *add;
};

static int take_one(struct env *e, const char *key, const json_t *entry, struct err *err)
{
	bool there = json_object_get(e->vars, key) != NULL;
	json_t *value;

	if (!name_is_env(key))
		return err_set(err, ERR_APP, "app.json: env: '%s' is no variable name",
			       key);
	if (there && !json_is_true(json_object_get(entry, "sync")))
		return 0;
	value = value_of(entry);
	if (value) {
		(void)json_object_set(e->vars, key, value);
		(void)json_object_set_new(e->add, key, value);
		return 0;
	}
	if (there || json_is_false(json_object_get(entry, "required")))
		return 0;
	(void)err_set(err, ERR_APP, "app.json: required env var %s has no value", key);
	return err_hint(err, "davit config:set %s %s=VALUE, then push again",
			e->w->app.name, key);
}

int app_json_env(struct work *w, const json_t *app_json, json_t *vars, json_t *add,
		 struct err *err)
{
	struct env e = { .w = w, .vars = vars, .add = add };
	const json_t *env = json_object_get(app_json, "env");
	const char *key;
	json_t *entry;

	if (!json_object_size(env))
		return 0;
	out_step(w->out, "Processing app.json env vars");
	json_object_foreach((json_t *)env, key, entry)
		if (take_one(&e, key, entry, err) < 0)
			return -1;
	if (json_object_size(add))
		out_note(w->out, "Setting %zu env var(s) from app.json",
			 json_object_size(add));
	return 0;
}

int app_json_set_can_scale(struct work *w, bool may, struct err *err)
{
	return property_set(w->st, w->app.id, "ps", "can-scale", may ? "true" : "false",
			    err);
}

int app_json_formation(const json_t *app_json, json_t *want, struct err *err)
{
	const char *type;
	json_t *entry;

	json_object_foreach(json_object_get(app_json, "formation"), type, entry) {
		json_t *quantity = json_object_get(entry, "quantity");

		if (!quantity)
			continue;
		if (!name_is_process(type) || !json_is_integer(quantity) ||
		    json_integer_value(quantity) < 0 ||
		    json_integer_value(quantity) > FORMATION_MAX)
			return err_set(
				err, ERR_APP,
				"app.json: formation: the quantity of '%s' must be a "
				"number from 0 to %d",
				type, FORMATION_MAX);
		(void)json_object_set(want, type, quantity);
	}
	return 0;
}
