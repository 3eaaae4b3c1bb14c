/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/report.h"
#include "command/rights.h"
#include "plugins/builds/builds.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"
#include "util/paths.h"
#include "util/proc.h"

enum { LISTED = 100 };

char *builds_log_path(const char *app, const struct deploy *d)
{
	return paths_in(paths_root(), "store/builds/%s/%s.log", app, d->public_id);
}

bool builds_is_running(const struct deploy *d)
{
	return !d->finished_at &&
	       proc_start_time(d->pid) == (unsigned long long)d->pid_started;
}

int builds_find(struct request *req, const char *id, struct deploy *d, struct err *err)
{
	AUTO(deploys_release) struct deploys newest = DEPLOYS_INIT;
	int rc;

	if (!id || strcmp(id, "current") == 0) {
		if (deploy_list(req->st, req->app.id, 1, &newest, err) < 0)
			return -1;
		if (newest.len) {
			*d = newest.v[0];
			return 0;
		}
		return err_set(err, ERR_REFUSED, "%s has no builds yet", req->app.name);
	}
	rc = deploy_find(req->st, id, d, err);
	if (rc < 0)
		return -1;
	if (rc == 0 && d->app_id == req->app.id)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s has no build %s", req->app.name, id);
	return err_hint(err, "davit builds:list %s shows them", req->app.name);
}

/* A run whose process is gone without a result counts as abandoned until it is undone. */
static const char *status_of(const struct deploy *d)
{
	return d->finished_at || builds_is_running(d) ? d->state : "abandoned";
}

static int64_t duration_of(const struct deploy *d)
{
	return (d->finished_at ? d->finished_at : clock_now()) - d->started_at;
}

static json_t *as_json(const struct deploy *d, const char *app)
{
	AUTO_FREE char *log = builds_log_path(app, d);
	char started[CLOCK_TEXT];
	char finished[CLOCK_TEXT] = "";

	if (d->finished_at)
		(void)clock_text(d->finished_at, finished);
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:I, s:s}",
			 "id", d->public_id, "app", app, "kind", d->kind, "pid", d->pid,
			 "started_at", clock_text(d->started_at, started), "finished_at",
			 finished, "status", d->state, "source", d->source, "exit_code",
			 d->exit_code, "display_status", status_of(d), "duration",
			 (json_int_t)duration_of(d), "log_path", log);
}

static int check_kind(const struct request *req, struct err *err)
{
	const char *kind = request_value(req, "kind");

	if (!kind || strcmp(kind, "build") == 0 || strcmp(kind, "deploy") == 0)
		return 0;
	return err_set(err, ERR_USAGE, "Invalid --kind %.60s: it is build or deploy",
		       kind);
}

static bool wanted(const struct request *req, const struct deploy *d)
{
	const char *kind = request_value(req, "kind");
	const char *status = request_value(req, "status");

	return (!kind || strcmp(kind, d->kind) == 0) &&
	       (!status || strcmp(status, status_of(d)) == 0);
}

static void print_row(struct request *req, const struct deploy *d, const char *app)
{
	char started[CLOCK_TEXT];

	out_line(req->out, "%-17s %-20s %-7s %-16s %-11s %s %llds", d->public_id, app,
		 d->kind, d->source, status_of(d), clock_text(d->started_at, started),
		 (long long)duration_of(d));
}

int builds_cmd_list(struct request *req, struct err *err)
{
	AUTO(deploys_release) struct deploys list = DEPLOYS_INIT;
	AUTO(json_at) json_t *array = json_array();
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;
	bool any = false;

	if (check_kind(req, err) < 0)
		return -1;
	if (deploy_list(req->st, req->app.id, LISTED, &list, err) < 0)
		return -1;
	if (!json)
		out_title(req->out, "%s builds", req->app.id ? req->app.name : "All");
	for (size_t i = 0; i < list.len; i++) {
		struct app app;

		if (!wanted(req, &list.v[i]) ||
		    app_find_id(req->st, list.v[i].app_id, &app, err) != 0 ||
		    (!req->app.id && !rights_allow(req, &app)))
			continue;
		any = true;
		if (json)
			(void)json_array_append_new(array, as_json(&list.v[i], app.name));
		else
			print_row(req, &list.v[i], app.name);
	}
	if (json)
		report_print_json(req->out, json_incref(array));
	else if (!any)
		out_note(req->out, "No builds recorded");
	return 0;
}

int builds_cmd_info(struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");
	char text[CLOCK_TEXT];
	struct deploy d;

	if (builds_find(req, req->argv[1], &d, err) < 0)
		return -1;
	if (format && strcmp(format, "json") == 0) {
		report_print_json(req->out, as_json(&d, req->app.name));
		return 0;
	}
	out_title(req->out, "%s build %s", req->app.name, d.public_id);
	out_line(req->out, "       Kind:      %s (%s)", d.kind, d.source);
	out_line(req->out, "       Status:    %s", status_of(&d));
	out_line(req->out, "       By:        %s", d.author);
	out_line(req->out, "       Revision:  %s", d.revision);
	out_line(req->out, "       Started:   %s", clock_text(d.started_at, text));
	if (d.finished_at)
		out_line(req->out, "       Finished:  %s (%llds, status %d)",
			 clock_text(d.finished_at, text), (long long)duration_of(&d),
			 d.exit_code);
	else
		out_line(req->out, "       Step:      %s (process %d)", d.step, d.pid);
	return 0;
}
