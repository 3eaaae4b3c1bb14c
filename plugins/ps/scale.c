/* SPDX-License-Identifier: MIT */
/* Changing how many instances an app has. */
#include <string.h>

#include "plugins/ps/ps.h"
#include "runtime/budget.h"
#include "store/formation.h"
#include "store/property.h"
#include "store/undo.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

int ps_parse_scale(const char *const *words, json_t **types, struct err *err)
{
	AUTO(json_at) json_t *all = json_object();

	for (; *words; words++) {
		const char *equals = strchr(*words, '=');
		AUTO_FREE char *type = xstrndup(*words,
						equals ? (size_t)(equals - *words) : 0);
		long quantity;

		if (!equals || !name_is_process(type) ||
		    !name_to_int(equals + 1, 0, FORMATION_MAX, &quantity)) {
			(void)err_set(err, ERR_USAGE, "Invalid scale %.100s", *words);
			return err_hint(
				err,
				"it is <process type>=<number from 0 to %d>, e.g. web=2",
				FORMATION_MAX);
		}
		if (!json_object_get(all, type))
			(void)json_object_set_new(all, type, json_integer(quantity));
	}
	*types = json_incref(all);
	return 0;
}

static int unknown_type(const struct app *app, const char *type,
			const struct release *live, struct err *err)
{
	AUTO(strv_release) struct strv known = STRV_INIT;
	AUTO_FREE char *list = NULL;
	const char *name;
	json_t *command;

	json_object_foreach(live->image.processes, name, command)
		if (strcmp(name, "release") != 0)
			strv_add(&known, name);
	list = strv_join(&known, ", ");
	(void)err_set(err, ERR_REFUSED, "%s is not a process type of %s", type,
		      app->name);
	if (live->image.static_tree)
		return err_hint(err, "it is a static site, which has no processes");
	return err_hint(err, "its Procfile has: %s", list);
}

/* What is deployed knows its process types; before that, any may be asked for. */
static int check_types(const struct app *app, const json_t *types,
		       const struct release *live, struct err *err)
{
	const char *type;
	json_t *quantity;

	json_object_foreach((json_t *)types, type, quantity) {
		if (strcmp(type, "release") == 0 && json_integer_value(quantity) > 0)
			return err_set(
				err, ERR_REFUSED,
				"release runs once in each deploy and is not scaled");
		if (live && json_integer_value(quantity) > 0 &&
		    !image_command(&live->image, type))
			return unknown_type(app, type, live, err);
	}
	return 0;
}

/* Do these quantities differ from the ones that run? */
static bool differs(const json_t *types, const json_t *from)
{
	const char *type;
	json_t *quantity;

	json_object_foreach((json_t *)types, type, quantity) {
		json_t *is = json_object_get(from, type);

		if (json_integer_value(is) != json_integer_value(quantity))
			return true;
	}
	return false;
}

static int roll_out(struct store *st, struct out *out, const struct app *app,
		    struct err *err)
{
	struct err why;

	if (trigger(st, out, err, TRIGGER_RELEASE_AND_DEPLOY, app->name, "", "scale",
		    NULL) >= 0)
		return undo_forget(st, app->id, err);
	if (undo_take_back(st, app->id, &why) < 0) {
		out_warn(out, "%s", why.text);
		return err_context(err, "the scale of %s is changed, but not deployed",
				   app->name);
	}
	return err_context(err, "the scale of %s is as it was", app->name);
}

/* The quantities, and the note of what they were for a deploy that may fail. */
static int write_quantities(struct store *st, struct out *out, const struct app *app,
			    const json_t *types, unsigned how, struct err *err)
{
	AUTO(json_at) json_t *was = NULL;
	AUTO(json_at) json_t *is = NULL;

	if (store_begin(st, err) < 0)
		return -1;
	if (formation_load(st, app->id, &was, err) < 0 ||
	    formation_put(st, app->id, types, err) < 0 ||
	    formation_load(st, app->id, &is, err) < 0 ||
	    budget_check(st, out, how & PS_STRICT, err) < 0 ||
	    ((how & PS_DEPLOY) &&
	     undo_note(st, app->id, UNDO_FORMATION, was, is, err) < 0)) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int ps_scale(struct store *st, struct out *out, const struct app *app,
	     const json_t *types, unsigned how, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	bool wanted;
	int rc = release_live(st, app->id, &live, err);

	if (rc < 0 || check_types(app, types, rc == 0 ? &live : NULL, err) < 0 ||
	    ps_wanted(st, app->id, &wanted, err) < 0)
		return -1;
	if (rc != 0 || !wanted || !differs(types, live.formation))
		how &= ~(unsigned)PS_DEPLOY;
	if (write_quantities(st, out, app, types, how, err) < 0)
		return -1;
	return how & PS_DEPLOY ? roll_out(st, out, app, err) : 0;
}
