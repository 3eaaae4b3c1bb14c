/* SPDX-License-Identifier: MIT */
/* Triggers that ask for names and URLs. */
#include <string.h>

#include "plugins/domains/domains.h"
#include "serve/urls.h"
#include "store/domain.h"
#include "util/cleanup.h"

/* A plugin may name a new app otherwise: nginx-hostname for each of the host's domains. */
int domains_on_post_create(const struct plugin *self, struct trigger_call *call,
			   struct err *err)
{
	AUTO(strv_release) struct strv global = STRV_INIT;
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	bool renamed = false;
	struct app app;

	(void)self;
	if (!trigger_has_third_party(TRIGGER_NGINX_HOSTNAME))
		return 0;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    domain_list(call->st, STORE_GLOBAL, &global, err) < 0)
		return -1;
	strv_foreach(vhost, &global) {
		AUTO_FREE char *said = NULL;
		AUTO_FREE char *host = NULL;

		if (trigger_ask(call->st, call->to, &said, err, TRIGGER_NGINX_HOSTNAME,
				app.name, app.name, vhost, NULL) < 0)
			return -1;
		renamed = renamed || *said;
		if (*said && domains_check(said, &host, err) < 0)
			return -1;
		strv_addf(&hosts, "%s%s%s", host ? host : app.name, host ? "" : ".",
			  host ? "" : vhost);
	}
	return renamed ? domains_choose(call->st, app.id, &hosts, err) : 0;
}

static void print_lines(struct trigger_call *call, const struct strv *lines)
{
	strv_foreach(line, lines)
		buf_addf(&call->out, "%s\n", line);
}

int domains_on_domains_list(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    domains_of_app(call->st, &app, &hosts, err) < 0)
		return -1;
	print_lines(call, &hosts);
	return 0;
}

int domains_on_domains_vhost_enabled(const struct plugin *self, struct trigger_call *call,
				     struct err *err)
{
	struct app app;
	bool enabled;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    domains_enabled(call->st, app.id, &enabled, err) < 0)
		return -1;
	return enabled ? 0 : err_exit(err, 1);
}

static int own_urls(struct trigger_call *call, const struct app *app, struct err *err)
{
	AUTO(strv_release) struct strv urls = STRV_INIT;
	AUTO_FREE char *tls = NULL;
	int rc;

	if (trigger_ask(call->st, call->to, &tls, err, TRIGGER_CERTS_EXISTS, app->name,
			NULL) < 0)
		return -1;
	rc = urls_of_app(call->st, app, strcmp(tls, "true") == 0, &urls, err);
	if (rc == PORTS_UNKNOWN) {
		(void)err_set(err, ERR_REFUSED, "%s has no name and no port yet",
			      app->name);
		return err_hint(err,
				"a deploy gives it a port; or: davit domains:add %s NAME",
				app->name);
	}
	if (rc == 0)
		print_lines(call, &urls);
	return rc;
}

int domains_on_domains_urls(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	const char *form = call->argv[0] && call->argv[1] ? call->argv[1] : "urls";
	AUTO_FREE char *others = NULL;
	struct app app;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    trigger_ask(call->st, call->to, &others, err, TRIGGER_APP_URLS, app.name,
			form, NULL) < 0)
		return -1;
	if (*others)
		buf_addf(&call->out, "%s\n", others);
	else if (own_urls(call, &app, err) < 0)
		return -1;
	if (strcmp(form, "url") == 0) {
		const char *nl = memchr(call->out.data, '\n', call->out.len);

		if (nl)
			buf_cut(&call->out, (size_t)(nl - call->out.data) + 1);
	}
	return 0;
}
