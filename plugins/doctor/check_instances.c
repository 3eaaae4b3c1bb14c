/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { DRAINS_S = 400, TICKS_S = 150 };

static bool being_deployed(const struct doctor *d, int64_t app_id)
{
	for (size_t i = 0; i < d->open.len; i++)
		if (d->open.v[i].app_id == app_id && doctor_at_work(&d->open.v[i]))
			return true;
	return false;
}

static void check_ready(struct doctor *d, const struct instance *in, const json_t *c)
{
	if (!c || !doctor_is(c, "alive")) {
		doctor_mends(d, FAULT, "davit tick", "%s is recorded as ready, %s",
			     in->container,
			     c ? "and its process has ended" : "and has no container");
		return;
	}
	if (json_integer_value(json_object_get(c, "pid")) != in->pid ||
	    strcmp(doctor_text(c, "address"), in->address) != 0) {
		AUTO_FREE char *app = doctor_app_of(d, in);
		AUTO_FREE char *cure = xasprintf("davit ps:restart %s", app);

		doctor_found(d, FAULT, cure,
			     "%s runs as process %lld at %s, and is recorded as %d at %s",
			     in->container, json_integer_value(json_object_get(c, "pid")),
			     doctor_text(c, "address"), in->pid, in->address);
	}
	if (!doctor_is(c, "watched")) {
		AUTO_FREE char *app = doctor_app_of(d, in);
		AUTO_FREE char *cure = xasprintf("davit ps:restart %s", app);

		doctor_mends(
			d, FAULT, cure,
			"%s has lost its conmon: its output and its end go unnoticed",
			in->container);
	}
}

static void check_crashed(struct doctor *d, const struct instance *in)
{
	AUTO_FREE char *app = doctor_app_of(d, in);
	AUTO_FREE char *cure = xasprintf("davit logs %s; davit ps:restart %s", app, app);

	if (!in->not_before)
		doctor_found(d, WARNING, cure, "%s.%s.%d is down after %d restarts: %s",
			     app, in->process, in->number, in->restarts, in->exit_why);
	else if (clock_now() - in->not_before > TICKS_S)
		doctor_mends(d, FAULT, "davit tick",
			     "%s.%s.%d should have been started again: %s", app,
			     in->process, in->number, in->exit_why);
}

static void check_starting(struct doctor *d, const struct instance *in)
{
	AUTO_FREE char *app = doctor_app_of(d, in);
	AUTO_FREE char *cure = xasprintf("davit ps:restore %s", app);

	if (!in->restarts && !being_deployed(d, in->app_id))
		doctor_mends(d, FAULT, cure,
			     "%s is being started, and no deploy of %s runs",
			     in->container, app);
}

void doctor_check_instances(struct doctor *d)
{
	for (size_t i = 0; i < d->rows.len; i++) {
		const struct instance *in = &d->rows.v[i];
		const json_t *c = doctor_container(d, in->container);

		switch (in->state) {
		case INSTANCE_READY: check_ready(d, in, c); break;
		case INSTANCE_CRASHED: check_crashed(d, in); break;
		case INSTANCE_STARTING: check_starting(d, in); break;
		case INSTANCE_DRAINING:
			if (clock_now() - in->changed_at > DRAINS_S)
				doctor_mends(
					d, WARNING, "davit tick",
					"%s was replaced long ago, and is still there",
					in->container);
			break;
		}
	}
}
