/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/dispatch.h"
#include "plugin/plugin.h"
#include "plugins/report/report.h"
#include "util/cleanup.h"

static bool is_report(const struct command *c)
{
	const char *colon = strchr(c->name, ':');

	return colon && strcmp(colon, ":report") == 0 && c->run && !c->heavy &&
	       !(c->needs & (HIDDEN | NEEDS_ROOT)) && c->scope == SCOPE_APP_OR_ALL;
}

/* The same request, as if that report had been asked for about this app. */
static int one(const struct request *req, const struct command *c, const char *app,
	       struct err *err)
{
	const char *const words[] = { app, NULL };
	struct request sub = *req;

	sub.command = c;
	sub.argc = 1;
	sub.argv = words;
	sub.flags = (struct strv)STRV_INIT;
	if (app_find(req->st, app, &sub.app, err) != 0)
		return -1;
	return c->run(&sub, err);
}

/* A report that fails is said, and does not hide the others. */
static int all_of(const struct request *req, const char *app, struct err *err)
{
	const struct command *c;
	size_t at = 0;
	int rc = 0;

	while ((c = command_next(&at)) != NULL) {
		struct err why = { .kind = ERR_NONE };

		if (!is_report(c) || one(req, c, app, &why) == 0)
			continue;
		dispatch_print_error(req->out, &why);
		rc = -1;
	}
	if (trigger(req->st, req->out, err, TRIGGER_REPORT, app, NULL) < 0)
		return -1;
	return rc < 0 ? err_exit(err, 1) : 0;
}

int report_cmd_report(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;

	if (req->app.id != STORE_GLOBAL)
		return all_of(req, req->app.name, err);
	if (request_apps(req, &apps, err) < 0)
		return -1;
	if (apps.len == 0)
		out_warn(req->out, "You haven't deployed any applications yet");
	strv_foreach(name, &apps)
		if (all_of(req, name, err) < 0)
			return -1;
	return 0;
}
