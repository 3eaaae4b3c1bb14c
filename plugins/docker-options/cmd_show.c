/* SPDX-License-Identifier: MIT */
/* docker-options:list and :report. */
#include <string.h>

#include "plugins/docker-options/docker_options.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int docker_options_cmd_list(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv phases = STRV_INIT;
	AUTO(strv_release) struct strv processes = STRV_INIT;
	AUTO(strv_release) struct strv keys = STRV_INIT;
	const char *phase = request_value(req, "phase");

	if (!phase) {
		(void)err_set(err, ERR_USAGE,
			      "--phase is required: it is build, deploy or run");
		return err_hint(err, "davit docker-options:report %s shows all of them",
				req->app.name);
	}
	request_values(req, "process", &processes);
	if (docker_options_phases(phase, &phases, err) < 0 ||
	    docker_options_keys(&processes, &phases, &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO(strv_release) struct strv lines = STRV_INIT;

		if (property_list(req->st, req->app.id, "docker-options", key, &lines,
				  err) < 0)
			return -1;
		strv_foreach(line, &lines)
			out_line(req->out, "%s", line);
	}
	return 0;
}

/* `name` is "deploy" or "deploy.web". */
static int add(struct report *r, struct store *st, const struct app *app,
	       const char *name, const char *key, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO_FREE char *flag = xasprintf("docker-options-%s", name);
	AUTO_FREE char *list = xasprintf("%s-list", name);
	AUTO_FREE char *text = NULL;

	if (property_list(st, app->id, "docker-options", key, &lines, err) < 0)
		return -1;
	text = strv_join(&lines, " ");
	report_add(r, flag, text);
	report_add_list(r, list, &lines);
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	static const char *const phases[] = { "build", "deploy", "run" };
	AUTO(strv_release) struct strv keys = STRV_INIT;

	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
		AUTO_FREE char *key = xasprintf(ENGINE_OPTIONS_ALL ".%s", phases[i]);

		if (add(r, req->st, app, phases[i], key, err) < 0)
			return -1;
	}
	if (property_keys(req->st, app->id, "docker-options", "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO_FREE char *process = xstrndup(key, strcspn(key, "."));
		AUTO_FREE char *name = xasprintf("deploy.%s", process);

		if (strcmp(process, ENGINE_OPTIONS_ALL) != 0 &&
		    add(r, req->st, app, name, key, err) < 0)
			return -1;
	}
	return 0;
}

int docker_options_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "docker options",
						 .prefix = "docker-options-",
						 .both_keys = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}
