/* SPDX-License-Identifier: MIT */
/* domains:add, :remove, :set, :clear and :reset of one app. */
#include "plugins/domains/domains.h"
#include "util/cleanup.h"

/* Naming an app's hosts switches them on where domains:disable had switched them off. */
static int switch_on(struct request *req, struct err *err)
{
	bool changed;

	if (domains_switch(req->st, &req->app, true, &changed, err) < 0)
		return -1;
	if (changed)
		out_step(req->out, "Domains of %s are enabled again", req->app.name);
	return 0;
}

int domains_cmd_add(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	AUTO(strv_release) struct strv named = STRV_INIT;
	size_t before;

	if (domains_take_words(req->argv + 1, &named, err) < 0 ||
	    domains_check_free(req->st, &req->app, &named, err) < 0 ||
	    domains_of_app(req->st, &req->app, &hosts, err) < 0 ||
	    switch_on(req, err) < 0)
		return -1;
	before = hosts.len;
	strv_foreach(host, &named) {
		if (strv_find(&hosts, host) >= 0)
			out_step(req->out, "%s is already defined for %s", host,
				 req->app.name);
		else
			strv_add(&hosts, host);
	}
	if (domains_change(req, &req->app, &hosts, "add", &named, err) < 0)
		return -1;
	for (size_t i = before; i < hosts.len; i++)
		out_step(req->out, "Added %s to %s", hosts.v[i], req->app.name);
	return 0;
}

int domains_cmd_remove(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	AUTO(strv_release) struct strv gone = STRV_INIT;

	if (domains_take_words(req->argv + 1, &gone, err) < 0 ||
	    domains_of_app(req->st, &req->app, &hosts, err) < 0)
		return -1;
	strv_foreach(host, &gone) {
		int at = strv_find(&hosts, host);

		if (at < 0) {
			(void)err_set(err, ERR_REFUSED, "%s is not a domain of %s", host,
				      req->app.name);
			return err_hint(err, "davit domains:report %s", req->app.name);
		}
		strv_remove(&hosts, (size_t)at);
	}
	if (domains_change(req, &req->app, &hosts, "remove", &gone, err) < 0)
		return -1;
	strv_foreach(host, &gone)
		out_step(req->out, "Removed %s from %s", host, req->app.name);
	return 0;
}

int domains_cmd_set(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;

	if (domains_take_words(req->argv + 1, &hosts, err) < 0 ||
	    domains_check_free(req->st, &req->app, &hosts, err) < 0 ||
	    switch_on(req, err) < 0 ||
	    domains_change(req, &req->app, &hosts, "set", &hosts, err) < 0)
		return -1;
	strv_foreach(host, &hosts)
		out_step(req->out, "Set %s for %s", host, req->app.name);
	return 0;
}

int domains_cmd_clear(struct request *req, struct err *err)
{
	static const struct strv none = STRV_INIT;

	if (domains_change(req, &req->app, &none, "clear", &none, err) < 0)
		return -1;
	out_step(req->out, "Cleared domains in %s", req->app.name);
	return 0;
}

int domains_cmd_reset(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;

	if (domains_default(req->st, &req->app, &hosts, err) < 0 ||
	    domains_change(req, &req->app, NULL, "reset", &hosts, err) < 0)
		return -1;
	out_step(req->out, "Reset domains in %s", req->app.name);
	return 0;
}

/* An app that nobody has given names has the default ones already. */
int domains_cmd_setup(struct request *req, struct err *err)
{
	bool chosen;

	if (domains_chosen(req->st, req->app.id, &chosen, err) < 0)
		return -1;
	return chosen ? 0
	       : trigger(req->st, req->out, err, TRIGGER_POST_DOMAINS_UPDATE,
			 req->app.name, "setup", NULL) < 0
		       ? -1
		       : 0;
}
