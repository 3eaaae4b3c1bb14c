/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/rights.h"
#include "plugins/access/access.h"
#include "store/property.h"
#include "store/ssh_key.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

static int check_role(const char *word, struct err *err)
{
	enum role role = role_by_name(word);

	if (role >= ROLE_VIEWER && role <= ROLE_OWNER)
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.40s' is no role over an app", word);
	return err_hint(err, "viewer reads, deployer pushes and restarts, owner changes "
			     "everything");
}

/* The key has to be there and to need a rule. */
static int check_key(struct store *st, const char *name, struct err *err)
{
	AUTO(ssh_key_release) struct ssh_key k = { .id = 0 };
	int rc = ssh_key_find_name(st, name, &k, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "there is no ssh key named %.80s", name);
		return err_hint(err,
				"on the host, as root: davit ssh-keys:add %.60s <file> "
				"--role member",
				name);
	}
	if (strcmp(k.role, "admin") != 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s is an admin and may do everything already",
		      name);
	return err_hint(
		err,
		"for less, on the host, as root: davit ssh-keys:remove '%s', then "
		"davit ssh-keys:add with --role member",
		name);
}

/* --command, --read-only, --expires beside the role. */
static int take_limits(struct request *req, struct grant *g, struct err *err)
{
	AUTO(strv_release) struct strv commands = STRV_INIT;
	const char *day = request_value(req, "expires");

	request_values(req, "command", &commands);
	strv_foreach(name, &commands)
		if (grant_add_command(g, name, err) < 0)
			return -1;
	g->read_only = request_flag(req, "read-only");
	return day ? grant_set_day(g, day, err) : 0;
}

int access_cmd_add(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf rule = BUF_INIT;
	AUTO(buf_release) struct buf limits = BUF_INIT;
	const char *key = req->argv[1];
	struct grant g = { .role = role_by_name(req->argv[2]) };

	if (check_role(req->argv[2], err) < 0 || take_limits(req, &g, err) < 0 ||
	    check_key(req->st, key, err) < 0)
		return -1;
	grant_text(&g, &rule);
	grant_limits(&g, &limits);
	if (property_set(req->st, req->app.id, "access", key, rule.data, err) < 0)
		return -1;
	out_step(req->out, "%s is %s of %s%s%s", key, role_name(g.role), req->app.name,
		 limits.len ? ":" : "", limits.data);
	return 0;
}

int access_cmd_remove(struct request *req, struct err *err)
{
	AUTO_FREE char *role = NULL;
	const char *key = req->argv[1];
	int rc = property_find(req->st, req->app.id, "access", key, &role, err);

	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW) {
		(void)err_set(err, ERR_REFUSED, "%.80s has no role over %s", key,
			      req->app.name);
		return err_hint(err, "davit access:list %s", req->app.name);
	}
	if (property_unset(req->st, req->app.id, "access", key, err) < 0)
		return -1;
	out_step(req->out, "%s is no longer %.*s of %s", key, (int)strcspn(role, " "),
		 role, req->app.name);
	return 0;
}

struct listing {
	struct request *req;
	json_t *rows; /* NULL: text */
	bool apps;    /* name the app of each rule */
};

/* A rule as people read it: its role, then what narrows it, or that it is over. */
static int show_rule(const struct listing *l, const struct app *app, const char *key,
		     struct err *err)
{
	AUTO_FREE char *rule = NULL;
	AUTO(buf_release) struct buf limits = BUF_INIT;
	struct err ignored;
	struct grant g;

	if (property_get(l->req->st, PROPERTY(app->id, "access", key), "", &rule, err) <
	    0)
		return -1;
	(void)grant_parse(rule, &g, &ignored);
	grant_limits(&g, &limits);
	if (g.role != ROLE_NONE && grant_role(&g, clock_now()) == ROLE_NONE)
		buf_adds(&limits, " (over)");
	if (l->rows)
		(void)json_array_append_new(
			l->rows, json_pack("{s:s, s:s, s:s, s:s}", "app", app->name,
					   "key", key, "role", role_name(g.role),
					   "limits", limits.len ? limits.data + 1 : ""));
	else if (l->apps)
		out_line(l->req->out, "%-24s %-24s %s%s", app->name, key,
			 role_name(g.role), limits.data);
	else
		out_line(l->req->out, "%-24s %s%s", key, role_name(g.role), limits.data);
	return 0;
}

static int show_app(const struct listing *l, const struct app *app, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(l->req->st, app->id, "access", "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys)
		if (show_rule(l, app, key, err) < 0)
			return -1;
	return 0;
}

static int show_all(const struct listing *l, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;
	struct app app;

	if (request_apps(l->req, &apps, err) < 0)
		return -1;
	strv_foreach(name, &apps) {
		int rc = app_find(l->req->st, name, &app, err);

		if (rc < 0 || (rc == 0 && show_app(l, &app, err) < 0))
			return -1;
	}
	return 0;
}

int access_cmd_list(struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;
	AUTO(json_at) json_t *rows = json ? json_array() : NULL;
	struct listing l = { .req = req, .rows = rows, .apps = req->app.id == 0 };

	if (format && !json && strcmp(format, "text") != 0 &&
	    strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE, "Invalid format %.60s: it is json or text",
			       format);
	if (!json)
		out_title(req->out, "Roles over %s", l.apps ? "apps" : req->app.name);
	if ((l.apps ? show_all(&l, err) : show_app(&l, &req->app, err)) < 0)
		return -1;
	if (json)
		report_print_json(req->out, json_incref(rows));
	return 0;
}

static int keys_with(struct store *st, int64_t app_id, const char *want,
		     struct strv *names, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(st, app_id, "access", "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO_FREE char *rule = NULL;

		if (property_get(st, PROPERTY(app_id, "access", key), "", &rule, err) < 0)
			return -1;
		if (strncmp(rule, want, strlen(want)) == 0)
			strv_add(names, key);
	}
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	static const char *const roles[] = { "owner", "deployer", "viewer" };

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		AUTO_FREE char *flag = xasprintf("access-%ss", roles[i]);
		AUTO(strv_release) struct strv names = STRV_INIT;
		AUTO_FREE char *joined = NULL;

		if (keys_with(req->st, app->id, roles[i], &names, err) < 0)
			return -1;
		joined = strv_join(&names, ",");
		report_add(r, flag, joined);
	}
	return 0;
}

int access_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "access",
						 .prefix = "access-",
						 .fill = fill };

	return report_run(req, &kind, err);
}
