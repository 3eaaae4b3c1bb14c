/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"

bool doctor_has_app(const struct doctor *d, const char *name)
{
	return strv_find(&d->apps, name) >= 0;
}

bool doctor_at_work(const struct deploy *row)
{
	return proc_lives(row->pid, (unsigned long long)row->pid_started);
}

char *doctor_app_of(const struct doctor *d, const struct instance *in)
{
	struct app app;
	struct err ignored;

	return xstrdup(app_find_id(d->st, in->app_id, &app, &ignored) == 0 ? app.name
									   : "");
}

const json_t *doctor_container(const struct doctor *d, const char *id)
{
	return json_object_get(d->containers, id);
}

bool doctor_is(const json_t *object, const char *field)
{
	return json_is_true(json_object_get(object, field));
}

const char *doctor_text(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text ? text : "";
}

static void look_at_host(struct doctor *d)
{
	struct err err;
	json_t *item;
	size_t i;

	d->containers = json_object();
	if (helper_one("inspect", NULL, &d->host, &err) < 0) {
		AUTO_FREE char *cure = xasprintf("ls -l %s/davit-root; make install",
						 paths_libexec());

		doctor_found(d, FAULT, err.hint[0] ? err.hint : cure,
			     "davit-root does not answer: %s", err.text);
		return;
	}
	json_array_foreach(json_object_get(d->host, "containers"), i, item) {
		(void)json_object_set(d->containers, doctor_text(item, "id"), item);
		d->busy |= strcmp(doctor_text(item, "kind"), "run") == 0 &&
			   doctor_is(item, "helped");
	}
}

static void look_at_rows(struct doctor *d)
{
	struct err err;

	if (!d->st)
		return;
	if (app_names(d->st, &d->apps, &err) < 0 ||
	    instance_list(d->st, STORE_GLOBAL, &d->rows, &err) < 0 ||
	    deploy_open(d->st, STORE_GLOBAL, &d->open, &err) < 0) {
		doctor_found(d, FAULT, err.hint, "%s", err.text);
		d->st = NULL;
		return;
	}
	for (size_t i = 0; i < d->open.len; i++)
		d->busy |= doctor_at_work(&d->open.v[i]);
}

/* Containers first: a row is there before its container, and after it. */
void doctor_look(struct doctor *d)
{
	d->check = "helper";
	look_at_host(d);
	d->check = "store";
	look_at_rows(d);
}

void doctor_release(struct doctor *d)
{
	json_decref(d->host);
	json_decref(d->containers);
	strv_release(&d->apps);
	instances_release(&d->rows);
	deploys_release(&d->open);
	findings_release(&d->found);
}
