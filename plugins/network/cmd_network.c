/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>

#include "plugin/plugin.h"
#include "plugins/network/network.h"
#include "store/instance.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* "127.0.0.1:8080" or "[::1]:8080". */
static int is_listener(const char *key, const char *value, struct err *err)
{
	const char *colon = strrchr(value, ':');
	bool six = value[0] == '[' && colon && colon > value + 1 && colon[-1] == ']';
	AUTO_FREE char *host = xstrndup(value + six,
					colon ? (size_t)(colon - value) - 2 * six : 0);
	unsigned char address[sizeof(struct in6_addr)];
	long port;

	if (colon && inet_pton(six ? AF_INET6 : AF_INET, host, address) == 1 &&
	    name_to_int(colon + 1, 1, 65535, &port))
		return 0;
	(void)err_set(err, ERR_USAGE, "%s must be <address>:<port>, not %.100s", key,
		      value);
	return err_hint(err, "for example 127.0.0.1:8080, or [::1]:8080");
}

static const struct setting rows[] = {
	{ "attach-post-create", "", SETTING_BOTH, NULL },
	{ "attach-post-deploy", "", SETTING_BOTH, NULL },
	{ "bind-all-interfaces", "false", SETTING_BOTH, setting_is_bool },
	{ "initial-network", "", SETTING_BOTH, NULL },
	{ "static-web-listener", "", SETTING_APP | SETTING_ADMIN, is_listener },
	{ "tld", "", SETTING_BOTH, NULL },
};
static const struct settings settings = { "network", "network-", rows,
					  sizeof rows / sizeof *rows };

int network_cmd_set(struct request *req, struct err *err)
{
	const char *key = req->argc > !req->global ? req->argv[!req->global] : "";
	bool given = req->argc > 1 + !req->global && *req->argv[1 + !req->global];

	if (settings_set(req, &settings, err) < 0)
		return -1;
	if (given && strcmp(key, "static-web-listener") != 0)
		out_note(req->out,
			 "%s has no effect here: every app has a network of its "
			 "own, and nginx reaches it",
			 key);
	return 0;
}

/* "10.213.0.2:5000" of each web instance that takes traffic. */
static int web_listeners(struct store *st, const struct app *app, struct strv *out,
			 struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO(instances_release) struct instances list = INSTANCES_INIT;
	int rc = release_live(st, app->id, &live, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (instance_list(st, app->id, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.len; i++)
		if (strcmp(list.v[i].process, "web") == 0 && list.v[i].address[0] &&
		    list.v[i].state == INSTANCE_READY)
			strv_addf(out, "%s:%ld", list.v[i].address,
				  live.image.port ? live.image.port : 5000);
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO(strv_release) struct strv listeners = STRV_INIT;
	AUTO_FREE char *text = NULL;

	if (settings_report(r, req->st, app, &settings, err) < 0)
		return -1;
	if (app->id == STORE_GLOBAL)
		return 0;
	if (web_listeners(req->st, app, &listeners, err) < 0)
		return -1;
	text = strv_join(&listeners, " ");
	report_add(r, "network-web-listeners", text);
	return 0;
}

int network_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "network",
						 .prefix = "network-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}

int network_cmd_list(struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");

	(void)err;
	if (format && strcmp(format, "json") == 0)
		report_print_json(req->out, json_array());
	else
		out_title(req->out, "Networks");
	return 0;
}

int network_cmd_exists(struct request *req, struct err *err)
{
	return err_set(err, ERR_REFUSED, "Network %.80s does not exist", req->argv[0]);
}

int network_cmd_absent(struct request *req, struct err *err)
{
	(void)err_set(
		err, ERR_REFUSED,
		"%s: there is no container engine here; every app has a network of its "
		"own",
		req->command->name);
	return err_hint(err,
			"apps reach each other by their domains: davit urls <app>; what "
			"an app has to find is said by davit config:set");
}

int network_cmd_rebuild(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (req->app.id)
		strv_add(&names, req->app.name);
	else if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names)
		if (trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, name,
			    NULL) < 0)
			return -1;
	return 0;
}
