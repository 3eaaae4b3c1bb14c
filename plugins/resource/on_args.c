/* SPDX-License-Identifier: MIT */
/* Limits as a container engine's options, for plugins that start containers themselves. */
#include <stdlib.h>
#include <string.h>

#include "plugins/resource/resource.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static const struct {
	const char *kind;
	const char *resource;
	const char *option;
} options[] = {
	{ "limit", "cpu", "--cpus" },
	{ "limit", "memory", "--memory" },
	{ "limit", "memory-swap", "--memory-swap" },
	{ "limit", "nvidia-gpu", "--gpus" },
	{ "reserve", "memory", "--memory-reservation" },
};

static int value_of(struct store *st, int64_t app_id, const char *type, size_t option,
		    char **value, struct err *err)
{
	AUTO_FREE char *key = xasprintf("%s.%s.%s", type, options[option].kind,
					options[option].resource);

	return property_find(st, app_id, "resource", key, value, err);
}

/* What is said of this type, else of all; builds have limits of their own alone. */
static int add_option(struct trigger_call *call, const struct app *app, const char *type,
		      size_t option, struct err *err)
{
	AUTO_FREE char *value = NULL;
	bool build = strcmp(type, "build") == 0;
	int rc;

	if (build && strcmp(options[option].kind, "limit") != 0)
		return 0;
	rc = value_of(call->st, app->id, type, option, &value, err);
	if (rc == STORE_NO_ROW && !build)
		rc = value_of(call->st, app->id, "_default_", option, &value, err);
	if (rc < 0)
		return -1;
	if (rc == 0 && *value)
		buf_addf(&call->out, " %s=%s", options[option].option, value);
	return 0;
}

/* Does the container of this builder take the option? */
static bool takes(const char *builder, size_t option)
{
	if (strcmp(builder, "dockerfile") == 0)
		return strncmp(options[option].resource, "memory", 6) == 0;
	return strcmp(builder, "herokuish") == 0 || strcmp(builder, "buildpack") == 0;
}

/* APP BUILDER [TAG [PROC INDEX]] */
int resource_on_docker_args(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	const char *omit = getenv("DOKKU_OMIT_RESOURCE_ARGS");
	const char *builder = call->argv[0] && call->argv[1] ? call->argv[1] : "";
	const char *type = "build";
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	if (omit && strcmp(omit, "1") == 0)
		return 0;
	if (call->id == TRIGGER_DOCKER_ARGS_PROCESS_DEPLOY)
		type = call->argv[1] && call->argv[2] && call->argv[3] ? call->argv[3]
								       : "web";
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if ((call->id != TRIGGER_DOCKER_ARGS_PROCESS_BUILD ||
		     takes(builder, i)) &&
		    add_option(call, &app, type, i, err) < 0)
			return -1;
	return 0;
}
