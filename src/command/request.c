/* SPDX-License-Identifier: MIT */
#include "command/request.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/rights.h"
#include "plugin/plugin.h"
#include "store/property.h"
#include "util/cleanup.h"

void request_note(struct request *req, const char *word)
{
	size_t len = strlen(req->note);

	(void)snprintf(req->note + len, sizeof req->note - len, "%s%s", len ? " " : "",
		       word);
}

bool request_flag(const struct request *req, const char *name)
{
	return strv_find(&req->flags, name) >= 0;
}

/* The value in "name=value", or NULL when it is another flag. */
static const char *value_of(const char *flag, const char *name)
{
	size_t n = strlen(name);

	return strncmp(flag, name, n) == 0 && flag[n] == '=' ? flag + n + 1 : NULL;
}

const char *request_value(const struct request *req, const char *name)
{
	const char *value = NULL;

	strv_foreach(flag, &req->flags) {
		const char *v = value_of(flag, name);

		if (v)
			value = v;
	}
	return value;
}

void request_values(const struct request *req, const char *name, struct strv *out)
{
	strv_foreach(flag, &req->flags) {
		const char *v = value_of(flag, name);

		if (v)
			strv_add(out, v);
	}
}

/* Third parties may hide apps: a listener on user-auth-app prints the ones that stay. */
static int filter_by_plugins(const struct request *req, struct strv *names,
			     struct err *err)
{
	AUTO(buf_release) struct buf answer = BUF_INIT;
	AUTO(strv_release) struct strv words = STRV_INIT;
	AUTO(strv_release) struct strv kept = STRV_INIT;

	if (!trigger_has_third_party(TRIGGER_USER_AUTH_APP))
		return 0;
	strv_add(&words, req->caller->root ? "root" : "davit");
	strv_add(&words, req->caller->name);
	strv_foreach(name, names)
		strv_add(&words, name);

	struct trigger_call call = { .id = TRIGGER_USER_AUTH_APP,
				     .argv = strv_const(&words),
				     .st = req->st,
				     .to = req->out,
				     .in = BUF_INIT,
				     .out = BUF_INIT };
	int rc = trigger_fire(&call, err);

	answer = call.out;
	if (rc < 0)
		return -1;
	strv_split(&kept, answer.data, "\n");
	for (size_t i = names->len; i > 0; i--)
		if (strv_find(&kept, names->v[i - 1]) < 0)
			strv_remove(names, i - 1);
	return 0;
}

bool request_may_see(const struct request *req, const char *app)
{
	AUTO(strv_release) struct strv one = STRV_INIT;
	struct app row;
	struct grant g;
	struct err ignored;

	if (app_find(req->st, app, &row, &ignored) != 0)
		return false;
	rights_over(req, &row, &g);
	if (g.role < ROLE_VIEWER)
		return false;
	strv_add(&one, app);
	return filter_by_plugins(req, &one, &ignored) == 0 && one.len == 1;
}

/* May the command take this app among all?  Lists of the host take what he may see. */
static bool takes(const struct request *req, const char *name)
{
	struct app app;
	struct grant g;
	struct err ignored;

	if (app_find(req->st, name, &app, &ignored) != 0)
		return false;
	if (req->command && req->command->scope == SCOPE_APP_OR_ALL)
		return rights_allow(req, &app);
	rights_over(req, &app, &g);
	return g.role >= ROLE_VIEWER;
}

int request_apps(const struct request *req, struct strv *names, struct err *err)
{
	const struct caller *who = req->caller;

	if (who->role >= ROLE_ADMIN)
		return app_names(req->st, names, err) < 0
			       ? -1
			       : filter_by_plugins(req, names, err);
	/* Without a rule there is no right: the apps with a rule are all that can be. */
	if ((who->role >= ROLE_VIEWER
		     ? app_names(req->st, names, err)
		     : property_apps(req->st, "access", who->name, names, err)) < 0)
		return -1;
	for (size_t i = names->len; i > 0; i--)
		if (!takes(req, names->v[i - 1]))
			strv_remove(names, i - 1);
	return filter_by_plugins(req, names, err);
}

int request_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int request_make(const char *path)
{
	if (strcmp(path, "-") == 0)
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
}

int request_open_file(const struct request *req, int i, struct err *err)
{
	int fd = req->files && req->files[i] >= 0
			 ? fcntl(req->files[i], F_DUPFD_CLOEXEC, 3)
			 : request_open(req->argv[i]);

	return fd < 0 ? err_sys(err, "open %s", req->argv[i]) : fd;
}

int request_make_file(const struct request *req, int i, struct err *err)
{
	int fd = strcmp(req->argv[i], "-") == 0 ? fcntl(1, F_DUPFD_CLOEXEC, 3)
		 : req->files && req->files[i] >= 0
			 ? fcntl(req->files[i], F_DUPFD_CLOEXEC, 3)
			 : request_make(req->argv[i]);

	return fd < 0 ? err_sys(err, "create %s", req->argv[i]) : fd;
}

int request_each(struct request *req, request_each_fn *fn, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct err first = { .kind = ERR_NONE };

	if (req->app.id != STORE_GLOBAL)
		return fn(req, &req->app, err);
	if (!request_flag(req, "all")) {
		(void)err_set(err, ERR_USAGE,
			      "Please specify an app to run the command on, or --all");
		return err_hint(err, "usage: davit %s <app|--all>", req->command->name);
	}
	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;

		if (app_find(req->st, name, &app, err) != 0 || fn(req, &app, err) == 0)
			continue;
		out_warn(req->out, "%s: %s", name, err->text);
		if (first.kind == ERR_NONE)
			first = *err;
	}
	if (first.kind == ERR_NONE)
		return 0;
	return err_set(err, first.kind, "not every app followed; see above");
}

const char *request_scope_name(const struct request *req)
{
	return req->app.id == STORE_GLOBAL ? "--global" : req->app.name;
}

static const struct {
	enum role role;
	const char *name;
} roles[] = {
	{ ROLE_NONE, "none" },     { ROLE_ANYONE, "anyone" },
	{ ROLE_VIEWER, "viewer" }, { ROLE_DEPLOYER, "deployer" },
	{ ROLE_OWNER, "owner" },   { ROLE_ADMIN, "admin" },
	{ ROLE_ROOT, "root" },
};

enum role role_by_name(const char *word)
{
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcmp(roles[i].name, word) == 0)
			return roles[i].role;
	return ROLE_NONE;
}

const char *role_name(enum role role)
{
	return roles[role].name;
}
