/* SPDX-License-Identifier: MIT */
/*
 * Options that third-party plugins want for a container: what they print at docker-args-build,
 * -deploy or -run, and at docker-args-process-*, put into the fields of the container.
 */
#ifndef DAVIT_PLUGIN_DOCKER_ARGS_H
#define DAVIT_PLUGIN_DOCKER_ARGS_H

#include <jansson.h>

#include "plugin/plugin.h"

struct docker_args {
	enum trigger_id id;         /* TRIGGER_DOCKER_ARGS_… */
	enum trigger_id process_id; /* TRIGGER_DOCKER_ARGS_PROCESS_… */
	const struct app *app;
	const char *builder; /* or NULL: the one that was detected */
	const char *process; /* of an instance, or NULL */
	int number;
};

/* Ask, and change the fields of the container (container_spec).  Without a listener it costs
 * nothing. */
int docker_args_apply(struct store *st, struct out *to, const struct docker_args *a,
		      json_t *spec, struct err *err);

#endif
