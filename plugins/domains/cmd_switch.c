/* SPDX-License-Identifier: MIT */
/* domains:enable and :disable, of one app or of all. */
#include "plugins/domains/domains.h"

static int switch_one(struct request *req, const struct app *app, bool on,
		      struct err *err)
{
	const char *word = on ? "enable" : "disable";
	struct err ignored;
	enum trigger_id before = on ? TRIGGER_PRE_ENABLE_VHOST
				    : TRIGGER_PRE_DISABLE_VHOST;
	bool changed;

	if (trigger(req->st, req->out, err, before, app->name, NULL) < 0 ||
	    domains_switch(req->st, app, on, &changed, err) < 0)
		return -1;
	if (!changed) {
		out_step(req->out, "VHOST support is already currently %sd", word);
		return 0;
	}
	if (trigger(req->st, req->out, err, TRIGGER_POST_DOMAINS_UPDATE, app->name, word,
		    NULL) < 0) {
		(void)domains_switch(req->st, app, !on, &changed, &ignored);
		return err_context(err, "the domains of %s are as they were", app->name);
	}
	out_step(req->out, "VHOST support %sd for %s", word, app->name);
	return 0;
}

static int enable(struct request *req, const struct app *app, struct err *err)
{
	return switch_one(req, app, true, err);
}

static int disable(struct request *req, const struct app *app, struct err *err)
{
	return switch_one(req, app, false, err);
}

int domains_cmd_enable(struct request *req, struct err *err)
{
	return request_each(req, enable, err);
}

int domains_cmd_disable(struct request *req, struct err *err)
{
	return request_each(req, disable, err);
}
