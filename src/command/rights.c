/* SPDX-License-Identifier: MIT */
#include "command/rights.h"

#include <string.h>

#include "command/command.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"

void rights_over(const struct request *req, const struct app *app, struct grant *g)
{
	const struct caller *who = req->caller;
	AUTO_FREE char *rule = NULL;
	struct err ignored;

	*g = (struct grant){ .role = ROLE_NONE };
	/* Viewer of the host, admin, root: over every app alike. */
	if (who->role >= ROLE_VIEWER) {
		g->role = who->role;
		return;
	}
	if (property_find(req->st, app->id, "access", who->name, &rule, &ignored) != 0 ||
	    grant_parse(rule, g, &ignored) < 0)
		return;
	g->read_only = g->read_only || who->read_only;
	/* A rule over an app makes nobody an admin. */
	g->role = g->role > ROLE_OWNER ? ROLE_NONE : grant_role(g, clock_now());
}

static int needs_role(const struct request *req, enum role have, struct err *err)
{
	const struct command *c = req->command;

	(void)err_set(err, ERR_REFUSED, "%s needs the role %s; the key '%s' has %s",
		      c->name, role_name(c->role), req->caller->name, role_name(have));
	return err_hint(err, "an admin can give it: davit access:add");
}

static int not_among(const struct request *req, const char *only, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, "the key '%s' is not for %s, but for: %.400s",
		      req->caller->name, req->command->name, only);
	return err_hint(err, "an admin can widen it: davit help access:add");
}

/* Harmless and of no app: who is lost may ask. */
static bool is_help(const struct command *c)
{
	return c->role == ROLE_ANYONE && c->needs & NEEDS_NO_STORE &&
	       !(c->needs & (NEEDS_ROOT | HIDDEN));
}

/* What has nothing to do with apps: where the caller comes from, what his key is for. */
static int check_way(const struct request *req, struct err *err)
{
	const struct command *c = req->command;
	const struct caller *who = req->caller;

	if (c->role == ROLE_ROOT && !who->root) {
		(void)err_set(err, ERR_REFUSED, "%s must be run as root", c->name);
		return err_hint(err, "on the host: sudo davit %s %s", c->name,
				c->usage ? c->usage : "");
	}
	if (c->needs & ON_HOST && who->ssh && !who->hook) {
		(void)err_set(err, ERR_REFUSED, "%s is not for ssh", c->name);
		return err_hint(err, "on the host: sudo davit %s", c->name);
	}
	if (!grant_holds(who->only, c) && !is_help(c))
		return not_among(req, who->only, err);
	return 0;
}

static int check_app(const struct request *req, const struct app *app, struct err *err)
{
	struct grant g;

	rights_over(req, app, &g);
	if (g.role < ROLE_VIEWER)
		return err_set(err, ERR_NO_APP, "App %s does not exist", app->name);
	if (g.role < req->command->role)
		return needs_role(req, g.role, err);
	return grant_holds(g.only, req->command) ? 0 : not_among(req, g.only, err);
}

int rights_check(const struct request *req, const struct app *app, struct err *err)
{
	const struct command *c = req->command;
	enum role have = req->caller->role;

	if (check_way(req, err) < 0)
		return -1;
	if (c->role == ROLE_ROOT)
		return 0;
	if (app)
		return check_app(req, app, err);
	if (have >= c->role)
		return 0;
	/* "All apps" is all those that the caller has the right over: request_apps.
	 * The app of a repository's path is found, and asked about, by who serves it. */
	if (have >= ROLE_ANYONE && !req->global &&
	    (c->scope == SCOPE_REPO || c->scope == SCOPE_APP_OR_ALL))
		return 0;
	return needs_role(req, have, err);
}

int rights_find_app(struct request *req, const char *name, struct err *err)
{
	struct app app;
	int rc = app_find(req->st, name, &app, err);

	if (rc < 0)
		return -1;
	if (rc == 0 && request_may_see(req, name)) {
		if (rights_check(req, &app, err) < 0)
			return -1;
		req->app = app;
		return 0;
	}
	return app_missing(name, err);
}

bool rights_allow(const struct request *req, const struct app *app)
{
	struct err ignored;

	return rights_check(req, app, &ignored) == 0;
}

int rights_to_set(const struct request *req, const char *key, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO_FREE char *said = NULL;

	if (req->caller->role >= ROLE_ADMIN)
		return 0;
	for (int i = 0; i < req->argc; i++)
		strv_add(&words, req->argv[i]);
	said = strv_join(&words, " ");
	(void)err_set(err, ERR_REFUSED, "only an admin may set %s: it reaches beyond %s",
		      key, req->global ? "apps of yours" : req->app.name);
	return err_hint(err, "an admin can: davit %s %s%.200s", req->command->name,
			req->global ? "--global " : "", said);
}

bool rights_allow_foreign(const struct request *req, const char *command)
{
	const struct command named = { .name = command };

	return req->caller->role >= ROLE_ADMIN && grant_holds(req->caller->only, &named);
}
