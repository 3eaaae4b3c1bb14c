/* SPDX-License-Identifier: MIT */
/* domains:enable and :disable, of one app or of all. */
#include "plugins/domains/domains.h"
#include "util/cleanup.h"

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

static int switch_them(struct request *req, bool on, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (req->app.id != STORE_GLOBAL)
		return switch_one(req, &req->app, on, err);
	if (!request_flag(req, "all")) {
		(void)err_set(err, ERR_USAGE,
			      "Please specify an app to run the command on, or --all");
		return err_hint(err, "usage: davit %s <app|--all>", req->command->name);
	}
	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;
		int rc = app_find(req->st, name, &app, err);

		if (rc < 0 || (rc == 0 && switch_one(req, &app, on, err) < 0))
			return -1;
	}
	return 0;
}

int domains_cmd_enable(struct request *req, struct err *err)
{
	return switch_them(req, true, err);
}

int domains_cmd_disable(struct request *req, struct err *err)
{
	return switch_them(req, false, err);
}
