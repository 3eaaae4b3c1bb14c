/* SPDX-License-Identifier: MIT */
/* Triggers about scale and process types. */
#include <string.h>

#include "plugins/ps/ps.h"
#include "store/formation.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

/* A new app has one web instance to come. */
int ps_on_post_create(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO(json_at) json_t *types = json_pack("{s:i}", "web", 1);
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	return formation_put(call->st, app.id, types, err);
}

int ps_on_app_restart(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	(void)self;
	return trigger(call->st, call->to, err, TRIGGER_DEPLOY,
		       call->argv[0] ? call->argv[0] : "", "", NULL) < 0
		       ? -1
		       : 0;
}

int ps_on_ps_current_scale(const struct plugin *self, struct trigger_call *call,
			   struct err *err)
{
	AUTO(json_at) json_t *types = NULL;
	const char *type;
	json_t *quantity;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    formation_load(call->st, app.id, &types, err) < 0)
		return -1;
	json_object_foreach(types, type, quantity)
		buf_addf(&call->out, "%s=%lld\n", type,
			 (long long)json_integer_value(quantity));
	return 0;
}

int ps_on_ps_set_scale(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	AUTO(json_at) json_t *types = NULL;
	const char *const *words = call->argv;
	struct app app;
	bool skip;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	if (!words[1] || !words[2])
		return err_set(err, ERR_USAGE, "ps-set-scale: %s",
			       trigger_words(TRIGGER_PS_SET_SCALE));
	skip = strcmp(words[1], "true") == 0;
	if (ps_parse_scale(words + 3, &types, err) < 0)
		return -1;
	if (strcmp(words[2], "true") == 0)
		return formation_replace(call->st, app.id, types, err);
	return ps_scale(call->st, call->to, &app, types, skip ? 0 : PS_DEPLOY, err);
}

int ps_on_ps_can_scale(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	return property_set(call->st, app.id, "ps", "can-scale",
			    call->argv[1] && strcmp(call->argv[1], "false") == 0 ? "false"
										 : "true",
			    err) < 0
		       ? -1
		       : 0;
}

int ps_on_procfile_exists(const struct plugin *self, struct trigger_call *call,
			  struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct app app;
	int rc;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	rc = release_live(call->st, app.id, &live, err);
	if (rc < 0)
		return -1;
	return rc == 0 && json_object_size(live.image.processes) ? 0 : err_exit(err, 1);
}

int ps_on_procfile_get_command(const struct plugin *self, struct trigger_call *call,
			       struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	const char *type = call->argv[0] ? call->argv[1] : NULL;
	const char *command = NULL;
	struct app app;
	int rc;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	rc = release_live(call->st, app.id, &live, err);
	if (rc < 0)
		return -1;
	if (rc == 0 && type)
		command = image_command(&live.image, type);
	if (!command)
		return err_exit(err, 1);
	buf_addf(&call->out, "%s\n", command);
	return 0;
}
