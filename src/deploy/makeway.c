/* SPDX-License-Identifier: MIT */
#include "deploy/makeway.h"

#include <string.h>

#include "deploy/ready.h"
#include "deploy/restart.h"
#include "deploy/retire.h"
#include "deploy/route.h"
#include "runtime/helper.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"

void makeway_release(struct makeway *m)
{
	instances_release(&m->gone);
}

static bool is_replaced(const struct makeway *m, size_t i)
{
	if (m->stays[i] || m->now->v[i].state != INSTANCE_READY)
		return false;
	for (size_t j = 0; j < m->fresh->len; j++)
		if (strcmp(m->fresh->v[j].in.process, m->now->v[i].process) == 0)
			return true;
	return false;
}

/* The rows become ours, in one transaction: supervision leaves them alone while we live. */
static int claim(struct makeway *m, struct err *err)
{
	struct store *st = m->w->st;

	m->gone.v = xcalloc(m->now->len + 1, sizeof *m->gone.v);
	if (store_begin(st, err) < 0)
		return -1;
	for (size_t i = 0; i < m->now->len; i++) {
		struct instance in = m->now->v[i];
		bool disabled = false;
		int rc = is_replaced(m, i)
				 ? ready_is_disabled(m->fresh, in.process, &disabled, err)
				 : 0;

		if (rc == 0 && disabled) {
			in.state = INSTANCE_STARTING;
			in.restarts = in.restarts ? in.restarts : 1;
			instance_own(&in);
			rc = instance_update(st, &in, INSTANCE_READY, err);
			if (rc == 0)
				m->gone.v[m->gone.len++] = in;
		}
		if (rc < 0) {
			store_rollback(st);
			m->gone.len = 0;
			return -1;
		}
	}
	return store_commit(st, err);
}

static int turn_away(struct makeway *m, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	bool web = false;
	int rc;

	for (size_t i = 0; i < m->gone.len; i++)
		web |= strcmp(m->gone.v[i].process, "web") == 0;
	if (!web)
		return 0;
	rc = release_live(m->w->st, m->w->app.id, &live, err);
	return rc == 0  ? route_ready(m->w->st, m->w->out, &m->w->app, &live.image, err)
	       : rc < 0 ? -1
			: 0;
}

static int stop(struct makeway *m, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	long grace;

	if (retire_grace(m->w->st, &m->w->app, &grace, err) < 0)
		return -1;
	for (size_t i = 0; i < m->gone.len; i++)
		helper_add(&h, "stop",
			   json_pack("{s:s, s:I}", "id", m->gone.v[i].container,
				     "grace_ms", (json_int_t)grace * 1000));
	return helper_run(&h, NULL, err);
}

int makeway_stop(struct makeway *m, struct err *err)
{
	if (claim(m, err) < 0)
		return -1;
	if (m->gone.len == 0)
		return 0;
	out_step(m->w->out, "Stopping %zu instance%s first: checks are disabled",
		 m->gone.len, m->gone.len == 1 ? "" : "s");
	if (turn_away(m, err) < 0 || stop(m, err) < 0)
		return err_context(err, "stop the old instances");
	return 0;
}

void makeway_undo(struct makeway *m)
{
	struct err err;

	if (m->gone.len == 0)
		return;
	out_step(m->w->out, "Starting what was stopped again");
	/* What does not come up is told, and started later by its restart policy. */
	if (restart_instances(m->w->st, m->w->out, &m->w->app, &m->gone, &err) < 0)
		out_warn(m->w->out, "%s", err.text);
}
