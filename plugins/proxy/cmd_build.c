/* SPDX-License-Identifier: MIT */
/* proxy:build-config, :clear-config, :enable and :disable, of one app or of all. */
#include <string.h>

#include "plugins/proxy/proxy.h"
#include "store/property.h"
#include "util/cleanup.h"

static int build_one(struct request *req, const struct app *app, struct err *err)
{
	return trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, app->name,
		       NULL) < 0
		       ? -1
		       : 0;
}

int proxy_cmd_build_config(struct request *req, struct err *err)
{
	return request_each(req, build_one, err);
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
	return request_each(req, clear_one, err);
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
	return request_each(req, enable_one, err);
}

int proxy_cmd_disable(struct request *req, struct err *err)
{
	return request_each(req, disable_one, err);
}
