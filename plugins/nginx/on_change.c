/* SPDX-License-Identifier: MIT */
/* Everything that may change an app's file ends in the same build. */
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "serve/domains.h"
#include "serve/proxy.h"
#include "store/property.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* Is this app ours to serve?  Another proxy may have been chosen, or none. */
int nginx_is_ours(struct trigger_call *call, const char *app, bool *ours, struct err *err)
{
	AUTO_FREE char *type = NULL;
	AUTO_FREE char *enabled = NULL;

	if (trigger_ask(call->st, call->to, &type, err, TRIGGER_PROXY_TYPE, app, NULL) <
		    0 ||
	    trigger_ask(call->st, call->to, &enabled, err, TRIGGER_PROXY_IS_ENABLED, app,
			NULL) < 0)
		return -1;
	*ours = (!type[0] || strcmp(type, "nginx") == 0) && strcmp(enabled, "false") != 0;
	return 0;
}

/* The file of `name`; with it that of the name that the app had goes, if it had one. */
static int build(struct trigger_call *call, const char *name, const char *formerly,
		 struct err *err)
{
	struct app app;
	bool ours;
	int rc = app_find(call->st, name, &app, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW || nginx_is_ours(call, name, &ours, err) < 0)
		return rc == STORE_NO_ROW ? 0 : -1;
	if (!ours)
		return formerly && nginx_clear(formerly, err) < 0
			       ? -1
			       : nginx_clear(name, err);
	rc = nginx_build(call->st, call->to, &app, formerly, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		out_step(call->to, "Configured nginx for %s", name);
	return 0;
}

int nginx_on_update(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	(void)self;
	return build(call, call->argv[0], NULL, err);
}

/* A template may name instances that are gone now: their addresses go to others. */
int nginx_on_stopped(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct app app;
	int rc = app_find(call->st, call->argv[0], &app, err);

	(void)self;
	if (rc == 0)
		rc = release_live(call->st, app.id, &live, err);
	if (rc != 0 || !live.image.nginx)
		return rc < 0 ? -1 : 0;
	return build(call, call->argv[0], NULL, err);
}

int nginx_on_clear_config(const struct plugin *self, struct trigger_call *call,
			  struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;

	(void)self;
	if (strcmp(call->argv[0], "--all") != 0)
		return nginx_clear(call->argv[0], err);
	if (app_names(call->st, &apps, err) < 0)
		return -1;
	strv_foreach(app, &apps) {
		if (nginx_clear(app, err) < 0)
			return -1;
	}
	return 0;
}

int nginx_on_destroyed(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	(void)self;
	return nginx_clear(call->argv[0], err);
}

/* The helper's own rename has moved certificates and files; the names inside follow, in one
 * step: no request finds neither of the two files. */
int nginx_on_renamed(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	(void)self;
	return build(call, call->argv[1], call->argv[0], err);
}

/* The names of a new app say 502 at once.  Where nginx cannot be told, they do later. */
int nginx_on_created(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	(void)self;
	if (build(call, call->argv[0], NULL, err) == 0)
		return 0;
	out_warn(call->to, "nginx does not know %s yet: %s", call->argv[0], err->text);
	return 0;
}

/* A copy of an app has no address until it is deployed; its names say 502 till then. */
int nginx_on_clone(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	const struct strv none = STRV_INIT;
	struct app app;
	int rc = app_find(call->st, call->argv[1], &app, err);

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (property_unset(call->st, app.id, "network", "address", err) < 0 ||
	    domains_claim(call->st, app.id, &none, err) < 0)
		return -1;
	return build(call, call->argv[1], NULL, err);
}
