/* SPDX-License-Identifier: MIT */
/* proxy:build-config, :clear-config, :enable and :disable, of one app or of all. */
#include <string.h>

#include "plugins/proxy/proxy.h"
#include "store/property.h"
#include "util/cleanup.h"

typedef int one_fn(struct request *req, const struct app *app, struct err *err);

static int each(struct request *req, one_fn *fn, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	int rc = 0;

	if (req->app.id != STORE_GLOBAL)
		return fn(req, &req->app, err);
	if (!request_flag(req, "all")) {
		(void)err_set(err, ERR_USAGE,
			      "Please specify an app to run the command on, or --all");
		return err_hint(err, "usage: davit %s <app|--all>", req->command->name);
	}
	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;
		struct err why;

		if (app_find(req->st, name, &app, &why) != 0 || fn(req, &app, &why) == 0)
			continue;
		out_warn(req->out, "%s: %s", name, why.text);
		rc = err_set(err, ERR_REFUSED, "not every app followed; see above");
	}
	return rc;
}

static int build_one(struct request *req, const struct app *app, struct err *err)
{
	return trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, app->name,
		       NULL) < 0
		       ? -1
		       : 0;
}

int proxy_cmd_build_config(struct request *req, struct err *err)
{
	return each(req, build_one, err);
}

static int clear_one(struct request *req, const struct app *app, struct err *err)
{
	return trigger(req->st, req->out, err, TRIGGER_PROXY_CLEAR_CONFIG, app->name,
		       NULL) < 0
		       ? -1
		       : 0;
}

int proxy_cmd_clear_config(struct request *req, struct err *err)
{
	return each(req, clear_one, err);
}

/* Write the switch and let the proxy follow; where it cannot, nothing has changed. */
static int set_disabled(struct request *req, const struct app *app, bool disabled,
			struct err *err)
{
	struct err ignored;
	bool was;

	if (proxy_disabled(req->st, app->id, &was, err) < 0)
		return -1;
	if (was == disabled) {
		out_step(req->out, "Proxy is already %s for app %s",
			 disabled ? "disabled" : "enabled", app->name);
		return 0;
	}
	if (property_set(req->st, app->id, "proxy", "disabled",
			 disabled ? "true" : "false", err) < 0)
		return -1;
	out_step(req->out, "%s proxy for app %s", disabled ? "Disabling" : "Enabling",
		 app->name);
	if (build_one(req, app, err) == 0)
		return 0;
	(void)property_set(req->st, app->id, "proxy", "disabled", was ? "true" : "false",
			   &ignored);
	return -1;
}

static int enable_one(struct request *req, const struct app *app, struct err *err)
{
	return set_disabled(req, app, false, err);
}

static int disable_one(struct request *req, const struct app *app, struct err *err)
{
	return set_disabled(req, app, true, err);
}

int proxy_cmd_enable(struct request *req, struct err *err)
{
	return each(req, enable_one, err);
}

int proxy_cmd_disable(struct request *req, struct err *err)
{
	return each(req, disable_one, err);
}
