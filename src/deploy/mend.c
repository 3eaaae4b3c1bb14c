/* SPDX-License-Identifier: MIT */
#include "deploy/mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/background.h"
#include "deploy/leftover.h"
#include "deploy/prune.h"
#include "deploy/pushed.h"
#include "deploy/retire.h"
#include "deploy/route.h"
#include "deploy/supervise.h"
#include "runtime/helper.h"
#include "runtime/sweep.h"
#include "store/instance.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/proc.h"

enum { CONTAINER_GONE_MS = 5000, CONTAINER_POLL_MS = 20 };

static bool is_orphan(const struct instance *in)
{
	return in->state == INSTANCE_STARTING &&
	       (in->changed_at < clock_boot() ||
		!proc_lives(in->owner, (unsigned long long)in->owner_started));
}

/* Due at once: whoever looks next starts it. */
static int set_crashed(struct store *st, struct instance *in, struct err *err)
{
	enum instance_state from = in->state;

	in->state = INSTANCE_CRASHED;
	in->not_before = clock_now();
	return instance_update(st, in, from, err) < 0 ? -1 : 0;
}

int mend_starting(struct store *st, const struct app *app, bool *draining,
		  struct err *err)
{
	AUTO(instances_release) struct instances now = INSTANCES_INIT;

	if (instance_list(st, app->id, &now, err) < 0)
		return -1;
	for (size_t i = 0; i < now.len; i++) {
		struct instance *in = &now.v[i];
		bool fresh = is_orphan(in) && !in->restarts; /* of a deploy */

		*draining |= in->state == INSTANCE_DRAINING || fresh;
		if (fresh ? instance_drain(st, in->id, err) < 0
			  : is_orphan(in) && set_crashed(st, in, err) < 0)
			return -1;
	}
	return 0;
}

/* Instances that died while nobody was there to note it. */
static int note_dead(struct store *st, const struct app *app, struct err *err)
{
	AUTO(instances_release) struct instances now = INSTANCES_INIT;
	json_t *by_id = NULL;
	int rc = 0;

	if (instance_list(st, app->id, &now, err) < 0)
		return -1;
	if (now.len == 0)
		return 0;
	if (supervise_look_around(&by_id, err) < 0)
		return -1;
	for (size_t i = 0; i < now.len && rc == 0; i++)
		if (now.v[i].state == INSTANCE_READY &&
		    !supervise_runs(by_id, &now.v[i])) {
			(void)snprintf(now.v[i].exit_why, sizeof now.v[i].exit_why,
				       "killed");
			rc = set_crashed(st, &now.v[i], err);
		}
	json_decref(by_id);
	return rc;
}

static void start_crashed(struct store *st, const struct app *app)
{
	AUTO(instances_release) struct instances now = INSTANCES_INIT;
	struct err ignored;

	/* What cannot be started from here is started by davit tick. */
	if (instance_list(st, app->id, &now, &ignored) < 0)
		return;
	for (size_t i = 0; i < now.len; i++)
		if (now.v[i].state == INSTANCE_CRASHED && now.v[i].not_before &&
		    now.v[i].not_before <= clock_now())
			(void)background_run("instance-restart", now.v[i].container,
					     &ignored);
}

/* Traffic to what the store says is live, whatever the interrupted run had begun. */
static int point_at_live(struct store *st, struct out *out, const struct app *app,
			 struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(image_release) struct image none = IMAGE_INIT;
	int rc = release_live(st, app->id, &live, err);

	if (rc < 0)
		return -1;
	if (rc == 0 && live.image.static_tree &&
	    helper_one("static-switch",
		       json_pack("{s:s, s:s}", "app", app->name, "release",
				 live.image.static_tree),
		       NULL, err) < 0)
		return -1;
	return route_ready(st, out, app, rc == 0 ? &live.image : &none, err);
}

/* davit-root may still be taking the container of the build away, that uses what it made.
 * What somebody else still uses then (davit run) goes with a later cleanup. */
static int drop_leftovers(struct store *st, const struct app *app, struct err *err)
{
	int64_t deadline = clock_ms() + CONTAINER_GONE_MS;

	while (leftover_drop(st, app, err) < 0) {
		if (err->kind != ERR_REFUSED)
			return -1;
		if (clock_ms() > deadline)
			return 0;
		clock_sleep_ms(CONTAINER_POLL_MS);
	}
	return 0;
}

int mend_app(struct store *st, struct out *out, const struct app *app, struct err *err)
{
	bool draining = false;

	/* Traffic leaves what is to go before it goes. */
	if (mend_starting(st, app, &draining, err) < 0 || note_dead(st, app, err) < 0 ||
	    point_at_live(st, out, app, err) < 0)
		return -1;
	start_crashed(st, app);
	if (trigger(st, out, err, TRIGGER_PROXY_BUILD_CONFIG, app->name, NULL) < 0 ||
	    drop_leftovers(st, app, err) < 0 || pushed_mend(st, app, err) < 0)
		return -1;
	sweep_new_files(app->name);
	prune_app(st, app, out); /* it may have been at that */
	return draining ? retire_in_background(app->name, err) : 0;
}
