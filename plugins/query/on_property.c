/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/query/query.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* What a key is while nothing is set; keys that are not here are empty. */
static const struct {
	const char *plugin;
	const char *key;
	const char *value;
} defaults[] = {
	{ "builder", "skip-cleanup", "false" },
	{ "checks", "wait-to-retire", "60" },
	{ "cron", "maintenance", "false" },
	{ "git", "deploy-branch", "master" },
	{ "git", "rev-env-var", "GIT_REV" },
	{ "logs", "max-size", "10m" },
	{ "network", "bind-all-interfaces", "false" },
	{ "proxy", "proxy-port", "80" },
	{ "proxy", "proxy-ssl-port", "443" },
	{ "ps", "procfile-path", "Procfile" },
	{ "ps", "restart-policy", "on-failure:10" },
	{ "ps", "restore", "true" },
	{ "ps", "skip-deploy", "false" },
	{ "ps", "stop-timeout-seconds", "30" },
};

static const char *default_of(const char *plugin, const char *key)
{
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		if (strcmp(defaults[i].plugin, plugin) == 0 &&
		    strcmp(defaults[i].key, key) == 0)
			return defaults[i].value;
	return "";
}

static int find_app(struct trigger_call *call, struct app *app, struct err *err)
{
	const char *name = call->argv[0] ? call->argv[0] : "";

	*app = (struct app){ .id = STORE_GLOBAL };
	if (strcmp(name, "--global") == 0)
		return 0;
	return app_need(call->st, name, app, err);
}

static int answer(struct trigger_call *call, const char *plugin, const char *key,
		  struct err *err)
{
	AUTO_FREE char *value = NULL;
	struct app app;

	if (find_app(call, &app, err) < 0 ||
	    property_get(call->st, PROPERTY(app.id, plugin, key), default_of(plugin, key),
			 &value, err) < 0)
		return -1;
	buf_addf(&call->out, "%s\n", value);
	return 0;
}

int query_on_property(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	const char *name = trigger_name(call->id);
	AUTO_FREE char *plugin = xstrndup(name, strcspn(name, "-"));
	const char *key = call->argv[0] ? call->argv[1] : NULL;

	(void)self;
	if (!key)
		return err_set(err, ERR_USAGE, "%s: %s", name, trigger_words(call->id));
	/* The host's ports of an app are the proxy's. */
	return answer(call, strcmp(plugin, "ports") == 0 ? "proxy" : plugin, key, err);
}

int query_on_resource(const struct plugin *self, struct trigger_call *call,
		      struct err *err)
{
	AUTO_FREE char *key = NULL;

	(void)self;
	for (int i = 0; i < 4; i++)
		if (!call->argv[i])
			return err_set(err, ERR_USAGE, "resource-get-property: %s",
				       trigger_words(call->id));
	key = xasprintf("%s.%s.%s", call->argv[1], call->argv[2], call->argv[3]);
	return answer(call, "resource", key, err);
}

int query_on_static_listeners(const struct plugin *self, struct trigger_call *call,
			      struct err *err)
{
	const char *const *w = call->argv;

	(void)self;
	if (w[0] && w[1] && strcmp(w[1], "web") != 0)
		return 0;
	return answer(call, "network", "static-web-listener", err);
}
