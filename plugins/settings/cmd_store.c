/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/settings/settings.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static const struct settings_store *store_of(const struct request *req)
{
	size_t n = strcspn(req->command->name, ":");

	for (size_t i = 0; i < settings_stores_count; i++)
		if (strlen(settings_stores[i].name) == n &&
		    strncmp(settings_stores[i].name, req->command->name, n) == 0)
			return &settings_stores[i];
	bug("no settings for %s", req->command->name);
}

int settings_cmd_set(struct request *req, struct err *err)
{
	const struct settings_store *s = store_of(req);
	const char *key = req->argc > !req->global ? req->argv[!req->global] : NULL;

	if (key && s->detected && strcmp(key, s->detected) == 0) {
		out_warn(req->out, "%s is written by builds and cannot be set", key);
		return 0;
	}
	return settings_set(req, &s->settings, err);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	const struct settings_store *s = store_of(req);
	AUTO_FREE char *value = NULL;
	AUTO_FREE char *flag = NULL;

	if (settings_report(r, req->st, app, &s->settings, err) < 0 ||
	    (s->more && s->more(r, req->st, app, err) < 0))
		return -1;
	if (!s->detected || app->id == STORE_GLOBAL)
		return 0;
	if (property_get(req->st, PROPERTY(app->id, s->name, s->detected), "", &value,
			 err) < 0)
		return -1;
	flag = xasprintf("%s%s", s->settings.prefix, s->detected);
	report_add(r, flag, value);
	return 0;
}

int settings_cmd_report(struct request *req, struct err *err)
{
	const struct settings_store *s = store_of(req);
	struct report_kind kind = { .title = s->title,
				    .prefix = s->settings.prefix,
				    .both_keys = s->both_keys,
				    .global = true,
				    .fill = fill };

	return report_run(req, &kind, err);
}

int settings_cmd_absent(struct request *req, struct err *err)
{
	const char *name = req->command->name;
	size_t n = strcspn(name, ":");

	if (strncmp(name, "scheduler-k3s", n) == 0) {
		(void)err_set(err, ERR_REFUSED,
			      "%s: there is no Kubernetes cluster here; apps run on this "
			      "host",
			      name);
		return err_hint(err, "davit ps:scale <app> web=2 runs more of one; davit "
				     "releases:export takes an image elsewhere");
	}
	if (strncmp(name, "proxy", n) == 0) {
		(void)err_set(err, ERR_REFUSED, "%s is an old name", name);
		return err_hint(err, "davit ports:%s <app> ...",
				name[n + 6] ? name + n + 7 : "list");
	}
	(void)err_set(err, ERR_REFUSED,
		      "%s: %.*s is not installed here; nginx serves apps", name, (int)n,
		      name);
	return err_hint(err,
			"davit nginx:show-config <app>, davit nginx:access-logs <app>; "
			"a plugin may bring %.*s: davit plugin:install <url>",
			(int)n, name);
}
