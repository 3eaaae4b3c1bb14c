/* SPDX-License-Identifier: MIT */
#include "deploy/liveness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deploy/background.h"
#include "deploy/crash.h"
#include "deploy/fleet.h"
#include "deploy/health.h"
#include "deploy/lock.h"
#include "deploy/ready.h"
#include "deploy/route.h"
#include "deploy/supervise.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { TICK_MS = 60000, LOOK_MS = 1000 };

/* How one check of one instance stands. */
struct pulse {
	int64_t instance;
	size_t check;
	int failures; /* in a row */
	int64_t due;
	bool done; /* for this tick */
	bool seen;
};

struct watch {
	struct store *st;
	struct out *out;
	struct app app;
	struct release live;
	bool frequent; /* go on until nothing is asked for any more */
	struct pulse *v;
	size_t len;
};

static void watch_release(struct watch *w)
{
	release_release(&w->live);
	free(w->v);
}

static bool is_frequent(const struct health *h)
{
	return h->every_ms && h->every_ms < TICK_MS;
}

/* Does the release ask for anything at all, and more often than a tick comes? */
static bool asks(const struct release *r, bool *frequent)
{
	const char *process;
	json_t *command;
	bool any = false;

	*frequent = false;
	json_object_foreach(r->image.processes, process, command) {
		AUTO(healths_release) struct healths list = HEALTHS_INIT;
		struct err ignored;

		if (healths_of(&r->image, r->config, process, &list, &ignored) < 0)
			continue;
		for (size_t i = 0; i < list.len; i++) {
			if (list.v[i].type == HEALTH_STARTUP)
				continue;
			any = true;
			*frequent = *frequent || is_frequent(&list.v[i]);
		}
	}
	return any;
}

void liveness_start(struct store *st, const struct app *app, bool tick)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct err ignored;
	bool frequent;

	if (release_live(st, app->id, &live, &ignored) == 0 && asks(&live, &frequent) &&
	    (tick || frequent))
		(void)background_run("instance-watch", app->name, &ignored);
}

static struct pulse *pulse_of(struct watch *w, const struct instance *in, size_t check,
			      const struct health *h)
{
	int64_t age = (clock_now() - in->changed_at) * 1000;
	struct pulse *p;

	for (size_t i = 0; i < w->len; i++)
		if (w->v[i].instance == in->id && w->v[i].check == check)
			return &w->v[i];
	w->v = xrealloc(w->v, w->len + 1, sizeof *w->v);
	p = &w->v[w->len++];
	*p = (struct pulse){ .instance = in->id, .check = check, .due = clock_ms() };
	if (h->delay_ms > age)
		p->due += h->delay_ms - age;
	return p;
}

/* Instances that are gone leave nothing behind. */
static void forget_unseen(struct watch *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->len; i++)
		if (w->v[i].seen) {
			w->v[kept] = w->v[i];
			w->v[kept++].seen = false;
		}
	w->len = kept;
}

static int probe(struct watch *w, const struct instance *in, const struct health *h,
		 struct buf *why, struct err *err)
{
	struct work work = {
		.st = w->st, .out = w->out, .app = w->app, .lock_fd = -1, .switched = true
	};
	AUTO(fleet_release) struct fleet f = { .w = &work, .release = &w->live };

	f.port = route_port(w->st, w->out, &w->app, &w->live.image);
	fleet_adopt(&f, in);
	f.v[0].born = clock_ms() - (clock_now() - in->changed_at) * 1000;
	return ready_probe(&f, h, why, err);
}

static int set_unready(struct watch *w, struct instance *in, bool unready,
		       const char *what, struct err *err)
{
	if (in->unready == unready)
		return 0;
	in->unready = unready;
	crash_tell(w->st, in, unready ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, what);
	if (instance_set_unready(w->st, in->id, unready, err) < 0)
		return -1;
	return route_ready(w->st, w->out, &w->app, &w->live.image, err);
}

static int act(struct watch *w, struct instance *in, const struct health *h,
	       const char *why, struct err *err)
{
	AUTO_FREE char *text = xasprintf(
		"fails its %s check '%s': %s",
		h->type == HEALTH_LIVENESS ? "liveness" : "readiness", h->name, why);
	AUTO_FREE char *short_text = xasprintf("liveness check '%.30s' failed", h->name);

	if (h->type == HEALTH_READINESS)
		return set_unready(w, in, true, text, err);
	crash_tell(w->st, in, LOG_LEVEL_ERROR, text);
	return supervise_unfit(w->st, w->out, &w->app, in, short_text, err);
}

static int check(struct watch *w, struct instance *in, const struct health *h,
		 struct pulse *p, struct err *err)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	int rc = probe(w, in, h, &why, err);

	if (rc < 0)
		return -1;
	p->done = rc == 0;
	if (rc == 0) {
		p->failures = 0;
		p->due = clock_ms() + (h->every_ms ? h->every_ms : TICK_MS);
		return h->type == HEALTH_READINESS
			       ? set_unready(w, in, false, "passes its readiness check",
					     err)
			       : 0;
	}
	p->due = clock_ms() + h->wait_ms;
	if (++p->failures < h->attempts)
		return 0;
	p->failures = 0;
	p->done = true;
	return act(w, in, h, why.data, err);
}

/* All checks of one instance that are due; *next is when the first one will be. */
static int visit(struct watch *w, struct instance *in, int64_t *next, struct err *err)
{
	struct work work = { .st = w->st, .out = w->out, .app = w->app };
	struct fleet f = { .w = &work };
	AUTO(healths_release) struct healths list = HEALTHS_INIT;
	bool off;

	if (ready_is_off(&f, in->process, &off, err) < 0)
		return -1;
	if (off ||
	    healths_of(&w->live.image, w->live.config, in->process, &list, err) < 0)
		return 0;
	for (size_t i = 0; i < list.len; i++) {
		struct pulse *p;

		if (list.v[i].type == HEALTH_STARTUP)
			continue;
		p = pulse_of(w, in, i, &list.v[i]);
		p->seen = true;
		if (p->done && !w->frequent)
			continue;
		if (p->due <= clock_ms()) {
			if (check(w, in, &list.v[i], p, err) < 0)
				return -1;
			if (p->done && !w->frequent)
				continue;
		}
		if (p->due < *next)
			*next = p->due;
	}
	return 0;
}

/* 0: go on, after *pause.  1: there is nothing more to do. */
static int look(struct watch *w, int *pause, struct err *err)
{
	AUTO(instances_release) struct instances now = INSTANCES_INIT;
	int64_t next = INT64_MAX;
	bool any = false;
	int rc = app_find_id(w->st, w->app.id, &w->app, err);

	if (rc != 0)
		return rc < 0 ? -1 : 1;
	release_release(&w->live);
	w->live = (struct release)RELEASE_INIT;
	rc = release_live(w->st, w->app.id, &w->live, err);
	if (rc != 0 || !asks(&w->live, &w->frequent))
		return rc < 0 ? -1 : 1;
	if (instance_list(w->st, w->app.id, &now, err) < 0)
		return -1;
	for (size_t i = 0; i < now.len; i++) {
		any = any || now.v[i].state != INSTANCE_CRASHED || now.v[i].not_before;
		if (now.v[i].state == INSTANCE_READY &&
		    visit(w, &now.v[i], &next, err) < 0)
			return -1;
	}
	forget_unseen(w);
	if (!any || (next == INT64_MAX && !w->frequent))
		return 1;
	next -= clock_ms();
	*pause = next > LOOK_MS ? LOOK_MS : next < 1 ? 1 : (int)next;
	return 0;
}

/* A newer davit has taken our place: the next tick starts that one. */
static bool was_replaced(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n < 0)
		return false;
	path[n] = '\0';
	return strstr(path, " (deleted)") != NULL;
}

int liveness_on_watch(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO(watch_release)
	struct watch w = { .st = call->st, .out = call->to, .live = RELEASE_INIT };
	AUTO_CLOSE int lock = -1;
	int pause = 0;
	int rc;

	(void)self;
	if (!call->argv[0])
		return err_set(err, ERR_USAGE, "an app's name is missing");
	rc = app_find(call->st, call->argv[0], &w.app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = lock_watch(w.app.id, &lock, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0; /* there is one already */
	while (!was_replaced()) {
		rc = look(&w, &pause, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		clock_sleep_ms(pause);
	}
	return 0;
}
