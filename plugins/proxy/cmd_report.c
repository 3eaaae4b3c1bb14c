/* SPDX-License-Identifier: MIT */
/* proxy:report and :set, and the triggers that ask for the same. */
#include <string.h>

#include "plugins/proxy/proxy.h"
#include "serve/ports.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static int is_type(const char *key, const char *value, struct err *err)
{
	if (name_is_process(value))
		return 0;
	return err_set(err, ERR_USAGE,
		       "%s must be the name of a proxy, e.g. nginx or null", key);
}

static const struct setting rows[] = {
	{ "type", "nginx", SETTING_BOTH, is_type },
	{ "proxy-port", "", SETTING_BOTH, setting_is_port },
	{ "proxy-ssl-port", "", SETTING_BOTH, setting_is_port },
};

static const struct settings settings = {
	.plugin = "proxy",
	.prefix = "proxy-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
};

static int replace(struct report *r, const char *flag, long port, struct err *err)
{
	int at = strv_find(&r->flags, flag);
	char text[16];

	if (at < 0)
		return 0;
	(void)snprintf(text, sizeof text, "%ld", port);
	free(r->values.v[at]);
	r->values.v[at] = strdup(text);
	return r->values.v[at] ? 0 : err_sys(err, "report");
}

int proxy_disabled(struct store *st, int64_t app_id, bool *disabled, struct err *err)
{
	AUTO_FREE char *value = NULL;
	int rc = property_find(st, app_id, "proxy", "disabled", &value, err);

	if (rc < 0)
		return -1;
	*disabled = rc == 0 && strcmp(value, "true") == 0;
	return 0;
}

/* A live app has ports though nothing is set: those that its proxy serves. */
static int correct_ports(struct report *r, struct request *req, const struct app *app,
			 struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *tls = NULL;
	int rc = release_live(req->st, app->id, &live, err);
	long port;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = ports_proxy_port(req->st, app, &port, err);
	if (rc < 0 ||
	    (rc == 0 && replace(r, "proxy-computed-proxy-port", port, err) < 0) ||
	    trigger_ask(req->st, req->out, &tls, err, TRIGGER_CERTS_EXISTS, app->name,
			NULL) < 0)
		return -1;
	if (strcmp(tls, "true") != 0)
		return 0;
	return ports_ssl_port(req->st, app->id, &port, err) < 0
		       ? -1
		       : replace(r, "proxy-computed-proxy-ssl-port", port, err);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	bool disabled;

	if (settings_report(r, req->st, app, &settings, err) < 0)
		return -1;
	if (app->id == STORE_GLOBAL)
		return 0;
	if (proxy_disabled(req->st, app->id, &disabled, err) < 0)
		return -1;
	report_add(r, "proxy-disabled", disabled ? "true" : "");
	report_add_bool(r, "proxy-computed-disabled", disabled);
	report_add_bool(r, "proxy-enabled", !disabled);
	return correct_ports(r, req, app, err);
}

int proxy_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "proxy",
						 .prefix = "proxy-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}

/* Old scripts name a port mapping here. */
static int check_words(const struct request *req, const char *key, struct err *err)
{
	if (!strchr(key, ':'))
		return 0;
	(void)err_set(err, ERR_USAGE,
		      "Detected potential port mapping instead of proxy type: %.100s",
		      key);
	return err_hint(err, "davit ports:set %s %.100s",
			req->global ? "<app>" : req->app.name, key);
}

/* A port speaks the same to all apps. */
static int check_port(struct request *req, const char *key, const char *value,
		      struct err *err)
{
	struct port_map m = { .scheme = "http", .container = 5000 };

	if (strcmp(key, "proxy-ssl-port") == 0)
		(void)snprintf(m.scheme, sizeof m.scheme, "https");
	else if (strcmp(key, "proxy-port") != 0)
		return 0;
	return name_to_int(value, 1, 65535, &m.host)
		       ? speech_check(req->st, &req->app, &m, err)
		       : 0;
}

/* "null" serves nothing, nginx is here; another one has to come as a plugin. */
static bool is_here(const char *type)
{
	AUTO_FREE char *other = xasprintf("%s-vhosts", type);
	const struct plugin *const *all;
	size_t count;

	if (!*type || strcmp(type, "nginx") == 0 || strcmp(type, "null") == 0)
		return true;
	all = plugin_all(&count);
	for (size_t i = 0; i < count; i++)
		if (all[i]->dir &&
		    (strcmp(all[i]->name, type) == 0 || strcmp(all[i]->name, other) == 0))
			return true;
	return false;
}

/* "proxy:set APP TYPE" is the older form of "proxy:set APP type TYPE". */
static bool is_type_alone(const char *word)
{
	static const char *const types[] = { "nginx", "caddy", "haproxy", "openresty",
					     "traefik" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(word, types[i]) == 0)
			return true;
	return *word && strcmp(word, "null") != 0 && is_here(word);
}

static int set_property(struct request *req, struct err *err)
{
	int first = req->global ? 0 : 1;
	const char *key = req->argc > first ? req->argv[first] : "";
	const char *value = req->argc > first + 1 ? req->argv[first + 1] : "";

	if (check_words(req, key, err) < 0 || check_port(req, key, value, err) < 0 ||
	    settings_set(req, &settings, err) < 0)
		return -1;
	if (strcmp(key, "type") != 0 || is_here(value))
		return 0;
	out_note(req->out, "%s is not installed: nothing serves what it is chosen for",
		 value);
	out_note(req->out,
		 "a plugin brings it: davit plugin:install <url> --name %s; "
		 "davit proxy:set %s type nginx goes back",
		 value, req->global ? "--global" : req->app.name);
	return 0;
}

int proxy_cmd_set(struct request *req, struct err *err)
{
	const int first = req->global ? 0 : 1;
	struct request longer = *req;
	const char *words[4] = { NULL };

	if (req->argc != first + 1 || !is_type_alone(req->argv[first]))
		return set_property(req, err);
	words[0] = first ? req->argv[0] : "";
	words[first] = "type";
	words[first + 1] = req->argv[first];
	longer.argv = words;
	longer.argc = first + 2;
	return set_property(&longer, err);
}

int proxy_on_proxy_type(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	AUTO_FREE char *type = NULL;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    property_get(call->st, PROPERTY(app.id, "proxy", "type"), "nginx", &type,
			 err) < 0)
		return -1;
	buf_addf(&call->out, "%s\n", type);
	return 0;
}

int proxy_on_proxy_is_enabled(const struct plugin *self, struct trigger_call *call,
			      struct err *err)
{
	struct app app;
	bool disabled;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    proxy_disabled(call->st, app.id, &disabled, err) < 0)
		return -1;
	buf_adds(&call->out, disabled ? "false\n" : "true\n");
	return 0;
}
