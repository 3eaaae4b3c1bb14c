/* SPDX-License-Identifier: MIT */
#include "deploy/release.h"

#include <stdlib.h>
#include <string.h>

#include "deploy/app_json.h"
#include "deploy/prune.h"
#include "deploy/rollout.h"
#include "deploy/script.h"
#include "plugin/plugin.h"
#include "runtime/tasks.h"
#include "store/config.h"
#include "store/event.h"
#include "store/formation.h"
#include "store/property.h"
#include "store/undo.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

/* What a release changes beside the code: stored when it serves, not before. */
struct changes {
	struct release_want *want;
	json_t *env;       /* variables of app.json, and the commit's */
	json_t *types;     /* process types of the image */
	json_t *formation; /* quantities of app.json */
};

/* The commit is told to the app as GIT_REV, or under the name that it asked for. */
static int add_revision(struct changes *c, json_t *config, struct err *err)
{
	struct release_want *want = c->want;
	AUTO_FREE char *name = NULL;

	if (!*want->revision)
		return 0;
	if (property_get(want->w->st, PROPERTY(want->w->app.id, "git", "rev-env-var"),
			 "GIT_REV", &name, err) < 0)
		return -1;
	if (*name && name_is_env(name)) {
		(void)json_object_set_new(config, name, json_string(want->revision));
		(void)json_object_set_new(c->env, name, json_string(want->revision));
	}
	return 0;
}

static void changes_release(struct changes *c)
{
	json_decref(c->env);
	json_decref(c->types);
	json_decref(c->formation);
}

static json_t *types_of(const struct image *im)
{
	json_t *types = json_object();
	const char *type;
	json_t *command;

	json_object_foreach(im->processes, type, command)
		if (strcmp(type, "release") != 0)
			(void)json_object_set_new(types, type, json_true());
	if (im->static_tree)
		(void)json_object_set_new(types, "web", json_true());
	return types;
}

/*
 * The app's own variables that give the snapshot again: all of it but what the host's
 * variables say anyway.
 */
static int adopt_config(struct work *w, const json_t *snapshot, struct err *err)
{
	AUTO(json_at) json_t *host = NULL;
	AUTO(json_at) json_t *own = json_object();
	const char *key;
	json_t *value;

	if (config_load(w->st, STORE_GLOBAL, &host, err) < 0)
		return -1;
	json_object_foreach((json_t *)snapshot, key, value) {
		json_t *same = json_object_get(host, key);

		if (!same || !json_equal(same, value))
			(void)json_object_set(own, key, value);
	}
	return config_replace(w->st, w->app.id, own, err);
}

/* An earlier release serves again: the store's wishes follow. */
static int adopt(struct release_want *want, struct err *err)
{
	struct work *w = want->w;

	if (want->adopt_config && adopt_config(w, want->config, err) < 0)
		return -1;
	return want->adopt_formation
		       ? formation_replace(w->st, w->app.id, want->formation, err)
		       : 0;
}

static int store_changes(void *ctx, struct err *err)
{
	struct changes *c = ctx;
	struct work *w = c->want->w;

	if (undo_forget(w->st, w->app.id, err) < 0 || adopt(c->want, err) < 0)
		return -1;
	if (!*c->want->revision)
		return 0;
	if (config_put(w->st, w->app.id, c->env, err) < 0 ||
	    formation_follow(w->st, w->app.id, c->types, err) < 0 ||
	    formation_put(w->st, w->app.id, c->formation, err) < 0)
		return -1;
	return app_json_set_can_scale(w, json_object_size(c->formation) == 0, err);
}

static int take_config(struct changes *c, struct release *r, struct err *err)
{
	struct release_want *want = c->want;

	if (want->config)
		r->config = json_deep_copy(want->config);
	else if (config_merged(want->w->st, want->w->app.id, &r->config, err) < 0)
		return -1;
	if (*want->revision &&
	    app_json_env(want->w, want->image->app_json, r->config, c->env, err) < 0)
		return -1;
	return add_revision(c, r->config, err);
}

/* A schedule that cannot be read is found by the push that brings it. */
static int check_tasks(const struct release_want *want, struct err *err)
{
	struct tasks tasks;
	int rc = tasks_of(want->w->app.name, want->image->app_json, &tasks, err);

	tasks_release(&tasks);
	return rc;
}

static int take_formation(struct changes *c, struct release *r, struct err *err)
{
	struct release_want *want = c->want;
	json_t *was = NULL;

	if (want->formation)
		r->formation = json_deep_copy(want->formation);
	else if (formation_load(want->w->st, want->w->app.id, &r->formation, err) < 0)
		return -1;
	if (!*want->revision)
		return 0;
	was = r->formation;
	r->formation = formation_followed(was, c->types);
	json_decref(was);
	if (app_json_formation(want->image->app_json, c->formation, err) < 0 ||
	    check_tasks(want, err) < 0)
		return -1;
	(void)json_object_update(r->formation, c->formation);
	return 0;
}

static int snapshot(struct changes *c, struct release *r, struct err *err)
{
	c->env = json_object();
	c->types = types_of(c->want->image);
	c->formation = json_object();
	if (take_config(c, r, err) < 0)
		return -1;
	return take_formation(c, r, err);
}

/* The deploy knows its release from the moment that the row is there. */
static int add_row(struct work *w, struct release *r, struct err *err)
{
	if (store_begin(w->st, err) < 0)
		return -1;
	if (release_add(w->st, r, err) == 0) {
		w->row.release_id = r->id;
		if (work_done(w, "released", err) == 0)
			return store_commit(w->st, err);
	}
	store_rollback(w->st);
	return -1;
}

static int write_row(struct changes *c, struct release *r, struct err *err)
{
	struct release_want *want = c->want;

	r->app_id = want->w->app.id;
	r->author = xstrdup(work_author());
	r->reason = xstrdup(want->reason);
	r->source = xstrdup(want->source);
	r->revision = xstrdup(!*want->revision && want->keep_revision
				      ? want->keep_revision
				      : want->revision);
	if (snapshot(c, r, err) < 0)
		return -1;
	r->image = *want->image;
	*want->image = (struct image)IMAGE_INIT;
	return add_row(want->w, r, err);
}

/* What the app wants done before the new code serves. */
static int run_before(struct release_want *want, struct release *r, bool first,
		      struct err *err)
{
	const json_t *aj = r->image.app_json;
	const char *command = image_command(&r->image, "release");
	struct script predeploy = { .w = want->w,
				    .release = r,
				    .name = "predeploy",
				    .command = script_of_app_json(aj, "dokku",
								  "predeploy"),
				    .keep = true };
	struct script release = {
		.w = want->w, .release = r, .name = "release", .command = command
	};
	struct script postdeploy = { .w = want->w,
				     .release = r,
				     .name = "heroku.postdeploy",
				     .command = script_of_app_json(aj, NULL,
								   "postdeploy") };

	if (r->image.static_tree || work_step(want->w, "release-commands", err) < 0)
		return r->image.static_tree ? 0 : -1;
	if (predeploy.command && *want->revision &&
	    (script_run(&predeploy, err) < 0 ||
	     release_set_image(want->w->st, r, err) < 0))
		return -1;
	if (command && release_mark_ran_command(want->w->st, r->id, err) < 0)
		return -1;
	if (script_run(&release, err) < 0 || (first && script_run(&postdeploy, err) < 0))
		return -1;
	return work_done(want->w, "commands-ran", err);
}

static int tell_processes(struct work *w, const struct release *r, struct err *err)
{
	const char *process;
	json_t *quantity;

	json_object_foreach(r->formation, process, quantity)
		if (json_integer_value(quantity) > 0 &&
		    trigger(w->st, w->out, err, TRIGGER_SCHEDULER_POST_DEPLOY_PROCESS,
			    w->app.name, process, NULL) < 0)
			return -1;
	return 0;
}

/* Nothing can take the release back: it serves.  Whoever waits for it hears of it by the
 * exit status. */
static void late(struct out *out, const struct err *err)
{
	out_warn(out, "%s (the new release serves all the same)", err->text);
	out->late_failure = true;
}

static void run_after(struct release_want *want, struct release *r)
{
	struct work *w = want->w;
	struct script postdeploy = { .w = w,
				     .release = r,
				     .name = "postdeploy",
				     .command = script_of_app_json(
					     r->image.app_json, "dokku", "postdeploy") };
	struct err err;

	if (want->run_commands && !r->image.static_tree &&
	    script_run(&postdeploy, &err) < 0)
		late(w->out, &err);
	if (tell_processes(w, r, &err) < 0 ||
	    trigger(w->st, w->out, &err, TRIGGER_CORE_POST_DEPLOY, w->app.name, "", "",
		    "latest", NULL) < 0 ||
	    trigger(w->st, w->out, &err, TRIGGER_POST_DEPLOY, w->app.name, "", "",
		    "latest", NULL) < 0)
		late(w->out, &err);
	prune_app(w->st, &w->app, w->out);
}

/* The moments of a release that hooks know, around the app's own commands. */
static int prepare(struct release_want *want, struct release *r, bool first,
		   struct err *err)
{
	const char *builder = r->image.builder ? r->image.builder : "";
	const char *app = want->w->app.name;
	struct store *st = want->w->st;
	struct out *out = want->w->out;
	bool built = *want->revision;

	if (built && (trigger(st, out, err, TRIGGER_BUILDER_RELEASE, builder, app,
			      "latest", NULL) < 0 ||
		      trigger_old(st, out, err, TRIGGER_PRE_RELEASE_BUILDPACK, app,
				  "latest", NULL) < 0 ||
		      trigger(st, out, err, TRIGGER_PRE_RELEASE_BUILDER, builder, app,
			      "latest", NULL) < 0))
		return -1;
	if (want->run_commands && run_before(want, r, first, err) < 0)
		return -1;
	if (!built)
		return 0;
	return trigger(st, out, err, TRIGGER_POST_RELEASE_BUILDER, builder, app, "latest",
		       NULL) < 0 ||
			       trigger_old(st, out, err, TRIGGER_PRE_DEPLOY, app,
					   "latest", NULL) < 0
		       ? -1
		       : 0;
}

static bool is_first(struct work *w)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct err ignored;

	return release_live(w->st, w->app.id, &live, &ignored) == STORE_NO_ROW;
}

int release_make(struct release_want *want, struct err *err)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	AUTO(changes_release) struct changes c = { .want = want };
	struct work *w = want->w;
	bool first = is_first(w);
	struct rollout ro = {
		.w = w, .release = &r, .also = store_changes, .also_ctx = &c
	};
	struct err ignored;

	if (work_step(w, "release", err) < 0 || write_row(&c, &r, err) < 0)
		return -1;
	out_step(w->out, "Releasing %s v%lld", w->app.name, (long long)r.number);
	if (prepare(want, &r, first, err) < 0 || rollout_run(&ro, err) < 0) {
		(void)release_set_failed(w->st, r.id, &ignored);
		return -1;
	}
	(void)event_add(w->st,
			&(struct event){ .app = w->app.name,
					 .actor = r.author,
					 .command = "release",
					 .result = "ok",
					 .detail = r.reason,
					 .key = getenv("FINGERPRINT") },
			&ignored);
	run_after(want, &r);
	return 0;
}
