/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/config/config.h"
#include "store/property.h"
#include "store/release.h"
#include "store/undo.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

/* Keys of the change in the order of their names. */
static void changed_keys(const struct config_change *c, struct strv *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)c->set, key, value)
		strv_add(keys, key);
	strv_foreach(gone, &c->gone)
		strv_add(keys, gone);
}

/* Note what was, for a deploy that may fail. */
static int note(const struct config_change *c, const json_t *was, struct err *err)
{
	AUTO(json_at) json_t *is = NULL;

	if (config_load(c->st, c->app->id, &is, err) < 0)
		return -1;
	return undo_note(c->st, c->app->id, UNDO_CONFIG, was, is, err);
}

/* The write, and the note of what was, in one transaction. */
static int write_change(const struct config_change *c, bool deploys, struct err *err)
{
	AUTO(json_at) json_t *was = NULL;
	AUTO(json_at) json_t *merged = NULL;
	int rc = 0;

	if (store_begin(c->st, err) < 0)
		return -1;
	rc = config_load(c->st, c->app->id, &was, err);
	if (rc == 0 && c->set)
		rc = config_put(c->st, c->app->id, c->set, err);
	if (rc == 0)
		rc = config_remove(c->st, c->app->id, strv_const(&c->gone), err);
	if (rc == 0)
		rc = config_merged(c->st, c->app->id, &merged, err);
	if (rc == 0)
		rc = config_check_total(merged, err);
	if (rc == 0 && deploys)
		rc = note(c, was, err);
	if (rc == 0)
		return store_commit(c->st, err);
	store_rollback(c->st);
	return -1;
}

/* Listeners get the keys alone; what they say against a change is a warning. */
static void tell(const struct config_change *c, const char *action)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct err why;

	strv_add(&words, c->app->id == STORE_GLOBAL ? "--global" : c->app->name);
	strv_add(&words, action);
	changed_keys(c, &words);

	if (trigger_argv(c->st, c->out, &why, TRIGGER_POST_CONFIG_UPDATE,
			 strv_const(&words)) < 0)
		out_warn(c->out, "%s", why.text);
}

/* Is there something to restart? */
static int is_running(const struct config_change *c, bool *running, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *keep = NULL;
	int rc = release_live(c->st, c->app->id, &live, err);

	if (rc < 0 || property_get(c->st, PROPERTY(c->app->id, "ps", "restore"), "true",
				   &keep, err) < 0)
		return -1;
	*running = rc == 0 && strcmp(keep, "false") != 0;
	return 0;
}

static int redeploy(const struct config_change *c, struct err *err)
{
	struct err why;

	out_step(c->out, "Restarting app %s", c->app->name);
	if (trigger(c->st, c->out, err, TRIGGER_RELEASE_AND_DEPLOY, c->app->name, "",
		    "config-redeploy", NULL) >= 0)
		return undo_forget(c->st, c->app->id, err);
	if (undo_take_back(c->st, c->app->id, &why) < 0) {
		out_warn(c->out, "%s", why.text);
		return err_context(err, "the variables are changed, but not deployed");
	}
	tell(c, "set");
	(void)err_context(err, "the variables are as they were");
	return err_hint(
		err, "to change them without a deploy: davit config:%s --no-restart %s …",
		c->action, c->app->name);
}

int config_change_apply(const struct config_change *c, struct err *err)
{
	bool deploys = false;
	bool nested = plugin_deploy_marked(c->app->name);

	if (c->restart && !nested && c->app->id != STORE_GLOBAL &&
	    is_running(c, &deploys, err) < 0)
		return -1;
	if (write_change(c, deploys, err) < 0)
		return -1;
	if (deploys)
		plugin_mark_deploy(c->app->name);
	tell(c, c->action);
	if (c->restart && nested)
		out_note(c->out,
			 "%s is being deployed just now: the change is in its next "
			 "release",
			 c->app->name);
	return deploys ? redeploy(c, err) : 0;
}
