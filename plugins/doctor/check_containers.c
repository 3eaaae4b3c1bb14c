/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "util/cleanup.h"

static bool has_row(const struct doctor *d, const char *id)
{
	for (size_t i = 0; i < d->rows.len; i++)
		if (strcmp(d->rows.v[i].container, id) == 0)
			return true;
	return false;
}

static void check_one(struct doctor *d, const char *id, const json_t *c)
{
	const char *state = doctor_text(c, "state");

	if (strcmp(state, "known") != 0) {
		/* None yet: it may be in its first moment. */
		if (strcmp(state, "damaged") == 0 ||
		    json_integer_value(json_object_get(c, "age")) > 60)
			doctor_mends(
				d, FAULT, "davit recover",
				"the directory of container %s has no readable state",
				id);
		return;
	}
	if (strcmp(doctor_text(c, "kind"), "run") == 0) {
		if (!doctor_is(c, "helped"))
			doctor_mends(d, FAULT, "davit recover",
				     "container %s was left by a command that is gone",
				     id);
		return;
	}
	if (!has_row(d, id))
		doctor_mends(d, FAULT, "davit recover",
			     "container %s %s, and the store has no such instance", id,
			     doctor_is(c, "alive") ? "runs" : "is there");
}

void doctor_check_containers(struct doctor *d)
{
	const char *id;
	json_t *c;
	json_t *name;
	size_t i;

	json_object_foreach(d->containers, id, c)
		check_one(d, id, c);
	json_array_foreach(json_object_get(d->host, "runtime"), i, name)
		if (!doctor_container(d, json_string_value(name)))
			doctor_mends(d, FAULT, "davit recover",
				     "the runtime keeps a container %s that is gone",
				     json_string_value(name));
}
