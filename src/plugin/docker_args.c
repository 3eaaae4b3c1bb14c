/* SPDX-License-Identifier: MIT */
#include "plugin/docker_args.h"

#include "runtime/engine_options.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/words.h"

static bool is_build(const struct docker_args *a)
{
	return a->id == TRIGGER_DOCKER_ARGS_BUILD;
}

/* APP BUILDER, APP TAG [PROC INDEX], APP BUILDER TAG [PROC INDEX]. */
static void words_for(const struct docker_args *a, enum trigger_id id,
		      const char *builder, struct strv *words)
{
	strv_add(words, a->app->name);
	if (is_build(a) || id == a->process_id)
		strv_add(words, builder);
	if (!is_build(a))
		strv_add(words, "latest");
	if (a->process) {
		strv_add(words, a->process);
		strv_addf(words, "%d", a->number);
	}
}

static int ask(struct store *st, struct out *to, const struct docker_args *a,
	       enum trigger_id id, json_t *spec, struct err *err)
{
	AUTO_FREE char *builder = NULL;
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO(strv_release) struct strv options = STRV_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;
	struct trigger_call call = { .id = id,
				     .st = st,
				     .to = to,
				     .in = BUF_INIT,
				     .out = BUF_INIT,
				     .third_only = true };
	int rc;

	if (!trigger_has_third_party(id))
		return 0;
	if (property_get(st, PROPERTY(a->app->id, "builder", "detected"), "buildpack",
			 &builder, err) < 0)
		return -1;
	words_for(a, id, a->builder ? a->builder : builder, &words);
	call.argv = strv_const(&words);
	rc = trigger_fire(&call, err);
	if (rc >= 0)
		rc = words_split(call.out.data, call.out.len, &options, err);
	buf_release(&call.out);
	if (rc < 0 || engine_options_split(strv_const(&options), &lines, err) < 0 ||
	    engine_options_apply(&lines, spec, err) < 0)
		return err_context(err, "%s", trigger_name(id));
	return 0;
}

int docker_args_apply(struct store *st, struct out *to, const struct docker_args *a,
		      json_t *spec, struct err *err)
{
	return ask(st, to, a, a->id, spec, err) < 0
		       ? -1
		       : ask(st, to, a, a->process_id, spec, err);
}
