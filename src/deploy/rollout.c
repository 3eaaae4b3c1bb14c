/* SPDX-License-Identifier: MIT */
#include "deploy/rollout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/fleet.h"
#include "deploy/liveness.h"
#include "deploy/lock.h"
#include "deploy/makeway.h"
#include "deploy/pushed.h"
#include "deploy/ready.h"
#include "deploy/retire.h"
#include "deploy/route.h"
#include "plugin/plugin.h"
#include "runtime/applog.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* The instances of an app sorted by what happens to them. */
struct plan {
	struct instances now;
	bool *stays; /* per row of now */
	struct fleet fresh;
};

static void plan_release(struct plan *p)
{
	instances_release(&p->now);
	free(p->stays);
	fleet_release(&p->fresh);
}

/* Does this instance run exactly what the release wants? */
static bool same_content(struct store *st, const struct instance *in,
			 const struct release *want)
{
	AUTO(release_release) struct release has = RELEASE_INIT;
	struct err ignored;

	if (in->release_id == want->id)
		return true;
	if (release_find_id(st, in->release_id, &has, &ignored) != 0)
		return false;
	json_t *a = image_to_json(&has.image);
	json_t *b = image_to_json(&want->image);
	bool same = json_equal(a, b) && json_equal(has.config, want->config);

	json_decref(a);
	json_decref(b);
	return same;
}

/* Is there one that may go on as PROCESS.NUMBER? */
static bool keep_one(const struct rollout *ro, struct plan *p, const char *process,
		     int number, bool must_replace)
{
	for (size_t i = 0; i < p->now.len; i++) {
		const struct instance *in = &p->now.v[i];

		if (strcmp(in->process, process) != 0 || in->number != number ||
		    in->state != INSTANCE_READY)
			continue;
		if (!must_replace && same_content(ro->w->st, in, ro->release)) {
			p->stays[i] = true;
			return true;
		}
	}
	return false;
}

static int plan_process(const struct rollout *ro, struct plan *p, const char *process,
			int quantity, struct err *err)
{
	const struct image *im = &ro->release->image;
	bool ours = !ro->only || strcmp(ro->only, process) == 0;

	if (quantity == 0 || (im->static_tree && strcmp(process, "web") == 0))
		return 0;
	if (!image_command(im, process)) {
		if (strcmp(process, "web") == 0 && !json_object_size(im->processes)) {
			(void)err_set(err, ERR_APP, "the app has no web process");
			return err_hint(err, "add a Procfile with a line 'web: COMMAND'");
		}
		out_warn(ro->w->out, "no process type '%s' in this release: skipped",
			 process);
		return 0;
	}
	for (int n = 1; n <= quantity; n++)
		if (!keep_one(ro, p, process, n, ro->replace && ours))
			fleet_add(&p->fresh, process, n);
	return 0;
}

static int make_plan(const struct rollout *ro, struct plan *p, struct err *err)
{
	const char *process;
	json_t *quantity;

	p->fresh.w = ro->w;
	p->fresh.release = ro->release;
	p->fresh.port = route_port(ro->w->st, ro->w->out, &ro->w->app,
				   &ro->release->image);
	if (instance_list(ro->w->st, ro->w->app.id, &p->now, err) < 0)
		return -1;
	p->stays = xcalloc(p->now.len + 1, sizeof *p->stays);
	json_object_foreach(ro->release->formation, process, quantity)
		if (plan_process(ro, p, process, (int)json_integer_value(quantity), err) <
		    0)
			return -1;
	return 0;
}

/* Containers that web traffic goes to, once the fresh ones are in. */
static json_t *web_ids(const struct plan *p, bool with_fresh)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < p->now.len; i++)
		if (strcmp(p->now.v[i].process, "web") == 0 &&
		    p->now.v[i].state == INSTANCE_READY && (p->stays[i] || !with_fresh))
			(void)json_array_append_new(ids,
						    json_string(p->now.v[i].container));
	for (size_t i = 0; with_fresh && i < p->fresh.len; i++)
		if (strcmp(p->fresh.v[i].in.process, "web") == 0)
			(void)json_array_append_new(
				ids, json_string(p->fresh.v[i].in.container));
	return ids;
}

static int route(const struct rollout *ro, const struct plan *p, bool forward,
		 struct err *err)
{
	struct work *w = ro->w;
	long port = route_open_port(w->st, w->out, &w->app, &ro->release->image);

	return route_set(w->st, &w->app, port, web_ids(p, forward), err);
}

static int static_switch(const struct rollout *ro, const char *tree, struct err *err)
{
	return helper_one(
		"static-switch",
		json_pack("{s:s, s:s}", "app", ro->w->app.name, "release", tree), NULL,
		err);
}

/* Traffic back to what served before; nothing when nothing did. */
static int switch_back(const struct rollout *ro, const struct plan *p)
{
	AUTO(release_release) struct release was = RELEASE_INIT;
	struct err ignored;
	int rc = 0;

	if (!ro->release->image.static_tree && route(ro, p, false, &ignored) < 0)
		rc = -1;
	if (release_live(ro->w->st, ro->w->app.id, &was, &ignored) == 0 &&
	    was.image.static_tree &&
	    static_switch(ro, was.image.static_tree, &ignored) < 0)
		rc = -1;
	return rc;
}

/* What the store says of the app becomes what now serves, in one transaction. */
static int record(const struct rollout *ro, struct plan *p, struct err *err)
{
	struct store *st = ro->w->st;
	int rc = 0;

	if (store_begin(st, err) < 0)
		return -1;
	rc = release_set_live(st, ro->release, err);
	for (size_t i = 0; i < p->fresh.len && rc == 0; i++) {
		p->fresh.v[i].in.state = INSTANCE_READY;
		rc = instance_update(st, &p->fresh.v[i].in, INSTANCE_STARTING, err);
		if (rc == STORE_NO_ROW)
			rc = err_set(err, ERR_REFUSED, "%s was removed meanwhile",
				     p->fresh.v[i].in.container);
	}
	for (size_t i = 0; i < p->now.len && rc == 0; i++) {
		if (p->stays[i])
			rc = instance_set_release(st, p->now.v[i].id, ro->release->id,
						  err);
		else
			rc = instance_drain(st, p->now.v[i].id, err);
	}
	if (rc == 0 && ro->also)
		rc = ro->also(ro->also_ctx, err);
	if (rc == 0)
		rc = pushed_note(ro->w, err);
	if (rc == 0)
		rc = work_done(ro->w, "switched", err);
	if (rc == 0)
		return store_commit(st, err);
	store_rollback(st);
	return -1;
}

/* One that stays may have crashed while the new ones were made. */
static int look_again(const struct rollout *ro, struct plan *p, struct err *err)
{
	for (size_t i = 0; i < p->now.len; i++) {
		struct instance now;
		int rc = instance_find(ro->w->st, p->now.v[i].container, &now, err);

		if (rc < 0)
			return -1;
		p->now.v[i].state = rc == 0 ? now.state : INSTANCE_CRASHED;
	}
	return 0;
}

static int switch_traffic(const struct rollout *ro, struct plan *p, struct err *err)
{
	const struct image *im = &ro->release->image;

	if (im->static_tree ? static_switch(ro, im->static_tree, err) < 0
			    : route(ro, p, true, err) < 0)
		return -1;
	return trigger(ro->w->st, ro->w->out, err, TRIGGER_PROXY_BUILD_CONFIG,
		       ro->w->app.name, NULL) < 0
		       ? -1
		       : record(ro, p, err);
}

/* *stuck: traffic may be at the new instances and could not be brought back. */
static int switch_over(const struct rollout *ro, struct plan *p, bool *stuck,
		       struct err *err)
{
	AUTO_CLOSE int lock = -1;

	if (work_step(ro->w, "switch", err) < 0 ||
	    lock_route(ro->w->app.id, &lock, err) < 0 || look_again(ro, p, err) < 0)
		return -1;
	/* Whatever failed may have switched all the same. */
	if (switch_traffic(ro, p, err) < 0) {
		*stuck = switch_back(ro, p) < 0;
		return -1;
	}
	ro->w->switched = true;
	return 0;
}

static void announce(const struct rollout *ro, const struct plan *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->now.len; i++)
		kept += p->stays[i];
	if (p->fresh.len)
		out_step(ro->w->out, "Starting %zu instance%s%s", p->fresh.len,
			 p->fresh.len == 1 ? "" : "s", kept ? ", others stay" : "");
	else if (kept)
		out_step(ro->w->out, "Keeping %zu instance%s", kept,
			 kept == 1 ? "" : "s");
}

/* In the app's own log, where its lines change hands. */
static void tell_log(const struct rollout *ro, const struct plan *p)
{
	const struct release *r = ro->release;

	applog_add(&(struct applog){ .app_id = ro->w->app.id,
				     .process = APPLOG_RELEASE,
				     .release = (int)r->number,
				     .level = LOG_LEVEL_INFO },
		   "v%" PRId64 " %s: %s by %s, %zu new instance%s", r->number,
		   ro->replace ? "restarted" : "serves", ro->w->row.source,
		   ro->w->row.author, p->fresh.len, p->fresh.len == 1 ? "" : "s");
}

int rollout_run(const struct rollout *ro, struct err *err)
{
	AUTO(plan_release) struct plan p = { .now = INSTANCES_INIT };
	AUTO(makeway_release) struct makeway way = { .w = ro->w };
	struct err ignored;
	bool stuck = false;

	ro->w->row.release_id = ro->release->id;
	if (make_plan(ro, &p, err) < 0 || work_step(ro->w, "rollout", err) < 0)
		return -1;
	announce(ro, &p);
	if (trigger(ro->w->st, ro->w->out, err, TRIGGER_SCHEDULER_DEPLOY, "docker-local",
		    ro->w->app.name, "latest", "", NULL) < 0)
		return -1;
	way.fresh = &p.fresh;
	way.now = &p.now;
	way.stays = p.stays;
	if (makeway_stop(&way, err) < 0 || fleet_start(&p.fresh, err) < 0 ||
	    ready_wait(&p.fresh, err) < 0 || work_done(ro->w, "started", err) < 0 ||
	    pushed_keep(ro->w, err) < 0 || switch_over(ro, &p, &stuck, err) < 0) {
		/* Where traffic may be, nothing is removed: davit tick finds instances
		 * whose maker is gone, and first points traffic at the old ones. */
		if (!stuck) {
			fleet_remove(&p.fresh);
			makeway_undo(&way);
		}
		return -1;
	}
	tell_log(ro, &p);
	(void)retire_in_background(ro->w->app.name, &ignored);
	liveness_start(ro->w->st, &ro->w->app, false);
	return 0;
}

static int route_none(struct store *st, const struct app *app, struct err *err)
{
	AUTO(instances_release) struct instances now = INSTANCES_INIT;
	AUTO_CLOSE int lock = -1;

	if (lock_route(app->id, &lock, err) < 0 ||
	    instance_list(st, app->id, &now, err) < 0 ||
	    route_set(st, app, CONTAINER_WEB_PORT, json_array(), err) < 0)
		return -1;
	for (size_t i = 0; i < now.len; i++)
		if (instance_drain(st, now.v[i].id, err) < 0)
			return -1;
	return 0;
}

int rollout_stop(struct store *st, const struct app *app, struct err *err)
{
	if (route_none(st, app, err) < 0)
		return -1;
	return retire_all(st, app, true, err);
}
