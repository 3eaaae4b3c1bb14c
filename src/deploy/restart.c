/* SPDX-License-Identifier: MIT */
#include "deploy/restart.h"

#include <stdio.h>
#include <string.h>

#include "deploy/crash.h"
#include "deploy/fleet.h"
#include "deploy/liveness.h"
#include "deploy/ready.h"
#include "deploy/route.h"
#include "runtime/helper.h"
#include "store/release.h"
#include "util/cleanup.h"

enum { TOGETHER = 16 }; /* started by one call of davit-root */

static void delete_container(const struct instance *in)
{
	struct err ignored;

	(void)helper_one("delete", json_pack("{s:s}", "id", in->container), NULL,
			 &ignored);
}

/* It did not come up; err says why. */
static void not_started(struct fleet *f, struct instance *in, struct err *err)
{
	struct store *st = f->w->st;
	struct err ignored;

	out_warn(f->w->out, "%s.%d: %s", in->process, in->number, err->text);
	delete_container(in);
	(void)snprintf(in->exit_why, sizeof in->exit_why, "did not start");
	in->exit_code = -1;
	(void)crash_note(st, &f->w->app, in, INSTANCE_STARTING, &ignored);
}

/* The row is ours from here on: deploys leave it alone or drain it. */
static int claim(struct store *st, struct instance *in, struct err *err)
{
	enum instance_state from = in->state;

	in->state = INSTANCE_STARTING;
	in->restarts++; /* what a deploy starts has none */
	instance_own(in);
	return instance_update(st, in, from, err);
}

/* It answers: let traffic to it.  STORE_NO_ROW: it was replaced meanwhile. */
static int enter_service(struct fleet *f, struct instance *in, struct err *err)
{
	struct store *st = f->w->st;
	int rc;

	in->state = INSTANCE_READY;
	in->not_before = 0;
	in->oom_kills = 0;
	rc = instance_update(st, in, INSTANCE_STARTING, err);
	if (rc == STORE_NO_ROW)
		delete_container(in);
	else if (rc == 0)
		crash_tell(st, in, LOG_LEVEL_INFO, "runs again");
	if (rc != 0 || strcmp(in->process, "web") != 0 || f->release->image.static_tree)
		return rc;
	return route_ready(st, f->w->out, &f->w->app, &f->release->image, err);
}

static struct fleet only(const struct fleet *f, struct member *m)
{
	struct fleet one = *f;

	one.v = m;
	one.len = 1;
	return one;
}

/* Each for itself. */
static int start_each(struct fleet *f, size_t from, size_t end, struct err *err)
{
	int rc = 0;

	for (size_t i = from; i < end; i++) {
		struct fleet one = only(f, &f->v[i]);

		if (fleet_start(&one, err) == 0)
			continue;
		not_started(f, &f->v[i].in, err);
		rc = -1;
	}
	return rc;
}

/* One that does not come up keeps no other from serving. */
static int start_fleet(struct fleet *f, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < f->len; i += TOGETHER) {
		size_t end = f->len - i > TOGETHER ? i + TOGETHER : f->len;
		struct fleet part = *f;

		part.v = f->v + i;
		part.len = end - i;
		if (fleet_start(&part, err) < 0 && start_each(f, i, end, err) < 0)
			rc = -1;
	}
	for (size_t i = 0; i < f->len; i++) {
		struct fleet one = only(f, &f->v[i]);

		if (f->v[i].in.state != INSTANCE_STARTING)
			continue;
		if (ready_wait(&one, err) == 0 && enter_service(f, &f->v[i].in, err) >= 0)
			continue;
		not_started(f, &f->v[i].in, err);
		rc = -1;
	}
	return rc;
}

static int claim_all(struct store *st, const struct instances *list, struct fleet *f,
		     struct err *err)
{
	int rc = store_begin(st, err);

	if (rc < 0)
		return -1;
	for (size_t i = 0; i < list->len; i++) {
		struct instance in = list->v[i];

		rc = claim(st, &in, err);
		if (rc < 0) {
			store_rollback(st);
			return -1;
		}
		if (rc == 0)
			fleet_adopt(f, &in);
	}
	return store_commit(st, err);
}

int restart_instances(struct store *st, struct out *out, const struct app *app,
		      const struct instances *list, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct work w = {
		.st = st, .out = out, .app = *app, .lock_fd = -1, .switched = true
	};
	AUTO(fleet_release) struct fleet f = { .w = &w, .release = &live };
	int rc = release_live(st, app->id, &live, err);

	if (rc != 0)
		return rc == STORE_NO_ROW ? 0 : -1;
	f.port = route_port(st, out, app, &live.image);
	if (claim_all(st, list, &f, err) < 0)
		return -1;
	rc = start_fleet(&f, err);
	liveness_start(st, app, false);
	return rc;
}

int restart_one(struct store *st, struct out *out, const struct app *app,
		struct instance *in, struct err *err)
{
	return restart_instances(st, out, app, &(struct instances){ .v = in, .len = 1 },
				 err);
}
