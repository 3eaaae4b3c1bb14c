/* SPDX-License-Identifier: MIT */
#include "deploy/script.h"

#include <stdio.h>
#include <string.h>

#include "plugin/docker_args.h"
#include "plugin/plugin.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "util/cleanup.h"

/* As long as a release phase may take elsewhere. */
enum { SCRIPT_LIMIT_S = 3600 };

const char *script_of_app_json(const json_t *app_json, const char *group,
			       const char *name)
{
	const json_t *scripts = json_object_get(app_json, "scripts");

	if (group)
		scripts = json_object_get(scripts, group);
	return json_string_value(json_object_get(scripts, name));
}

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	(void)from;
	out_foreign(ctx, line);
}

/* What the command wrote becomes the uppermost layer. */
static void add_seal(const struct script *s, json_t *spec, char *layer, size_t size)
{
	(void)snprintf(layer, size, "%s-v%lld-%s", s->w->app.name,
		       (long long)s->release->number, s->name);
	(void)json_object_set_new(
		spec, "seal", json_pack("{s:s, s:s}", "layer", layer, "path", "/app"));
}

static int judge(const struct script *s, const json_t *reply, struct err *err)
{
	int code = (int)json_integer_value(json_object_get(reply, "code"));

	if (json_is_true(json_object_get(reply, "timed_out")))
		return err_set(
			err, ERR_APP,
			"Execution of %s task failed: it took more than %d minutes",
			s->name, SCRIPT_LIMIT_S / 60);
	if (json_is_true(json_object_get(reply, "oom"))) {
		(void)err_set(err, ERR_APP,
			      "Execution of %s task failed: it was killed for using too "
			      "much memory",
			      s->name);
		return err_hint(err,
				"davit resource:limit --memory SIZE %s gives it more",
				s->w->app.name);
	}
	if (code != 0) {
		(void)err_set(err, ERR_APP,
			      "Execution of %s task failed: exit status %d of: %s",
			      s->name, code, s->command);
		return err_hint(err,
				"its output is above; the release before still serves");
	}
	return 0;
}

int script_run(const struct script *s, struct err *err)
{
	AUTO(helper_release) struct helper h = HELPER_INIT;
	char id[192];
	char layer[160];
	struct container c = { .app = &s->w->app,
			       .release = s->release,
			       .id = id,
			       .process = s->name,
			       .number = 1,
			       .command = s->command };
	const struct docker_args args = {
		.id = TRIGGER_DOCKER_ARGS_DEPLOY,
		.process_id = TRIGGER_DOCKER_ARGS_PROCESS_DEPLOY,
		.app = c.app,
	};
	json_t *replies = NULL;
	json_t *spec = NULL;
	int rc;

	if (!s->command || !*s->command)
		return 0;
	out_step(s->w->out, "Executing %s task from %s: %s", s->name,
		 strcmp(s->name, "release") == 0 ? "Procfile" : "app.json", s->command);
	(void)snprintf(id, sizeof id, "%s.%s.%s", s->w->app.name, s->name,
		       s->w->row.public_id);
	if (container_spec(s->w->st, &c, &spec, err) < 0)
		return -1;
	if (docker_args_apply(s->w->st, s->w->out, &args, spec, err) < 0 ||
	    trigger(s->w->st, s->w->out, err, TRIGGER_POST_CONTAINER_CREATE, "app", id,
		    s->w->app.name, "deploy", NULL) < 0) {
		json_decref(spec);
		return -1;
	}
	(void)json_object_set_new(spec, "timeout_s", json_integer(SCRIPT_LIMIT_S));
	if (s->keep)
		add_seal(s, spec, layer, sizeof layer);
	helper_add(&h, "run", spec);
	h.cancel_fd = s->w->switched ? 0 : s->w->cancel_fd;
	h.on_line = take_line;
	h.ctx = s->w->out;
	if (helper_run(&h, &replies, err) < 0)
		return err_context(err, "%s command", s->name);
	rc = judge(s, json_array_get(replies, 0), err);
	if (rc == 0 && s->keep)
		strv_insert(&s->release->image.layers, 0, layer);
	json_decref(replies);
	return rc;
}
