/* SPDX-License-Identifier: MIT */
/* Triggers by which other plugins read and write variables. */
#include <string.h>

#include "plugins/config/config.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static int find(struct trigger_call *call, const char *name, struct app *app,
		struct err *err)
{
	*app = (struct app){ .id = STORE_GLOBAL };
	if (!name)
		return err_set(err, ERR_USAGE, "%s: %s", trigger_name(call->id),
			       trigger_words(call->id));
	if (strcmp(name, "--global") == 0)
		return 0;
	return app_need(call->st, name, app, err);
}

static int print_one(struct trigger_call *call, int64_t app_id, const char *key,
		     struct err *err)
{
	AUTO_FREE char *value = NULL;
	int rc = key ? config_find(call->st, app_id, key, &value, err) : STORE_NO_ROW;

	if (rc == STORE_NO_ROW)
		return err_exit(err, 1);
	if (rc == 0)
		buf_addf(&call->out, "%s\n", value);
	return rc;
}

int config_on_config_get(const struct plugin *self, struct trigger_call *call,
			 struct err *err)
{
	struct app app;

	(void)self;
	if (find(call, call->argv[0], &app, err) < 0)
		return -1;
	return print_one(call, app.id, call->argv[1], err);
}

int config_on_config_get_global(const struct plugin *self, struct trigger_call *call,
				struct err *err)
{
	(void)self;
	return print_one(call, STORE_GLOBAL, call->argv[0], err);
}

int config_on_config_set(const struct plugin *self, struct trigger_call *call,
			 struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	const char *const *words = call->argv;
	struct config_change c = { .st = call->st,
				   .out = call->to,
				   .action = "set",
				   .gone = STRV_INIT,
				   .restart = true };
	struct app app;

	(void)self;
	for (; *words && (*words)[0] == '-' && strcmp(*words, "--global") != 0; words++)
		if (strcmp(*words, "--no-restart") == 0)
			c.restart = false;
	if (find(call, *words, &app, err) < 0 ||
	    config_parse_pairs(words + 1, false, &vars, err) < 0)
		return -1;
	c.app = &app;
	c.set = vars;
	return config_change_apply(&c, err);
}

int config_on_config_unset(const struct plugin *self, struct trigger_call *call,
			   struct err *err)
{
	struct config_change c = {
		.st = call->st, .out = call->to, .action = "unset", .gone = STRV_INIT
	};
	struct app app;
	int rc;

	(void)self;
	if (find(call, call->argv[0], &app, err) < 0)
		return -1;
	if (!call->argv[1])
		return 0;
	strv_add(&c.gone, call->argv[1]);
	c.app = &app;
	c.restart = call->argv[2] && strcmp(call->argv[2], "true") == 0;
	rc = config_change_apply(&c, err);
	strv_release(&c.gone);
	return rc;
}

int config_on_config_export(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	AUTO(json_at) json_t *vars = NULL;
	const char *const *words = call->argv;
	struct app app;
	int count = 0;
	int rc;

	(void)self;
	while (words[count])
		count++;
	if (count < 4)
		return err_set(err, ERR_USAGE, "config-export: %s",
			       trigger_words(TRIGGER_CONFIG_EXPORT));
	if (find(call, strcmp(words[1], "true") == 0 ? "--global" : words[0], &app, err) <
	    0)
		return -1;
	rc = strcmp(words[2], "true") == 0 ? config_merged(call->st, app.id, &vars, err)
					   : config_load(call->st, app.id, &vars, err);
	return rc < 0 ? -1 : config_format(vars, words[3], &call->out, err);
}
