/* SPDX-License-Identifier: MIT */
/* proxy:report and :set, and the triggers that ask for the same. */
#include <string.h>

#include "plugins/proxy/proxy.h"
#include "serve/ports.h"
#include "store/property.h"
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
	{ "proxy-port", "80", SETTING_BOTH, setting_is_port },
	{ "proxy-ssl-port", "443", SETTING_BOTH, setting_is_port },
};

static const struct settings settings = {
	.plugin = "proxy",
	.prefix = "proxy-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
};

int proxy_disabled(struct store *st, int64_t app_id, bool *disabled, struct err *err)
{
	AUTO_FREE char *value = NULL;
	int rc = property_find(st, app_id, "proxy", "disabled", &value, err);

	if (rc < 0)
		return -1;
	*disabled = rc == 0 && strcmp(value, "true") == 0;
	return 0;
}

/* The port in effect is the app's own where it has taken one for want of a name. */
static int correct_port(struct report *r, struct request *req, const struct app *app,
			struct err *err)
{
	int at = strv_find(&r->flags, "proxy-computed-proxy-port");
	char text[16];
	long port;
	int rc = ports_proxy_port(req->st, app, &port, err);

	if (rc != 0 || at < 0)
		return rc < 0 ? -1 : 0;
	(void)snprintf(text, sizeof text, "%ld", port);
	free(r->values.v[at]);
	r->values.v[at] = strdup(text);
	return r->values.v[at] ? 0 : err_sys(err, "report");
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
	report_add_bool(r, "proxy-disabled", disabled);
	report_add_bool(r, "proxy-computed-disabled", disabled);
	report_add_bool(r, "proxy-enabled", !disabled);
	return correct_port(r, req, app, err);
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

int proxy_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &settings, err);
}

static int find(struct trigger_call *call, struct app *app, struct err *err)
{
	const char *name = call->argv[0] ? call->argv[0] : "";
	int rc = app_find(call->st, name, app, err);

	return rc == STORE_NO_ROW
		       ? err_set(err, ERR_NO_APP, "App %s does not exist", name)
		       : rc;
}

int proxy_on_proxy_type(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	AUTO_FREE char *type = NULL;
	struct app app;

	(void)self;
	if (find(call, &app, err) < 0 ||
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
	if (find(call, &app, err) < 0 ||
	    proxy_disabled(call->st, app.id, &disabled, err) < 0)
		return -1;
	buf_adds(&call->out, disabled ? "false\n" : "true\n");
	return 0;
}
