/* SPDX-License-Identifier: MIT */
#include <stdio.h>
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
	return !d->finished_at && proc_lives(d->pid, (unsigned long long)d->pid_started);
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

const char *builds_status(const struct deploy *d)
{
	return d->finished_at || builds_is_running(d) ? d->state : "abandoned";
}

const char *builds_source(const struct deploy *d)
{
	static const char *const names[][2] = {
		{ "git-push", "git-hook" },
		{ "git-sync", "git:sync" },
		{ "git-from-archive", "git:from-archive" },
		{ "git-from-image", "git:from-image" },
		{ "git-load-image", "git:load-image" },
		{ "docker-image", "git:from-image" }, /* rows of before */
		{ "ps-rebuild", "ps:rebuild" },
		{ "restart", "ps:restart" },
		{ "scale", "ps:scale" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(d->source, names[i][0]) == 0)
			return names[i][1];
	return d->source;
}

const char *builds_duration_text(int64_t seconds, char out[BUILDS_DURATION])
{
	long long s = seconds > 0 ? seconds : 0;

	if (s >= 3600)
		(void)snprintf(out, BUILDS_DURATION, "%lldh%lldm%llds", s / 3600,
			       s / 60 % 60, s % 60);
	else if (s >= 60)
		(void)snprintf(out, BUILDS_DURATION, "%lldm%llds", s / 60, s % 60);
	else
		(void)snprintf(out, BUILDS_DURATION, "%llds", s);
	return out;
}

static const char *duration_of(const struct deploy *d, char out[BUILDS_DURATION])
{
	int64_t end = d->finished_at ? d->finished_at : clock_now();

	return builds_duration_text(end - d->started_at, out);
}

json_t *builds_json(const struct deploy *d, const char *app)
{
	AUTO_FREE char *log = builds_log_path(app, d);
	char text[CLOCK_TEXT];
	char took[BUILDS_DURATION];
	json_t *j = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
			      d->public_id, "app", app, "kind", d->kind, "pid", d->pid,
			      "started_at", clock_text(d->started_at, text), "status",
			      d->state, "source", builds_source(d), "display_status",
			      builds_status(d), "duration", duration_of(d, took),
			      "log_path", log);

	if (d->finished_at) {
		(void)json_object_set_new(j, "finished_at",
					  json_string(clock_text(d->finished_at, text)));
		(void)json_object_set_new(j, "exit_code", json_integer(d->exit_code));
	}
	return j;
}

static int check_kind(const struct request *req, struct err *err)
{
	const char *kind = request_value(req, "kind");

	if (!kind || strcmp(kind, "build") == 0 || strcmp(kind, "deploy") == 0)
		return 0;
	return err_set(err, ERR_USAGE, "Invalid --kind %.60s: it is build or deploy",
		       kind);
}

static int check_status(const struct request *req, struct err *err)
{
	static const char *const states[] = { "waiting",  "running",  "succeeded",
					      "failed",   "canceled", "superseded",
					      "abandoned" };
	const char *status = request_value(req, "status");

	for (size_t i = 0; status && i < sizeof states / sizeof *states; i++)
		if (strcmp(status, states[i]) == 0)
			return 0;
	return !status ? 0
		       : err_set(err, ERR_USAGE,
				 "Invalid --status %.60s: it is waiting, running, "
				 "succeeded, failed, canceled, superseded or abandoned",
				 status);
}

/* Without an app those that go on, unless --all asks for the past too. */
static bool wanted(const struct request *req, const struct deploy *d)
{
	const char *kind = request_value(req, "kind");
	const char *status = request_value(req, "status");

	if (!req->app.id && !request_flag(req, "all") && d->finished_at)
		return false;
	return (!kind || strcmp(kind, d->kind) == 0) &&
	       (!status || strcmp(status, builds_status(d)) == 0);
}

static void print_head(struct request *req)
{
	if (req->out->quiet)
		return;
	if (!req->app.id)
		out_line(req->out, "%-20s  %-17s  %-6s  %-10s  %-8s  %-16s  %s", "App",
			 "Build ID", "Kind", "Status", "PID", "Source", "Started");
	else
		out_line(req->out, "%-17s  %-6s  %-10s  %-8s  %-16s  %-20s  %s",
			 "Build ID", "Kind", "Status", "PID", "Source", "Started",
			 "Duration");
}

static void print_row(struct request *req, const struct deploy *d, const char *app)
{
	char started[CLOCK_TEXT];
	char took[BUILDS_DURATION];

	if (!req->app.id)
		out_line(req->out, "%-20s  %-17s  %-6s  %-10s  %-8d  %-16s  %s", app,
			 d->public_id, d->kind, builds_status(d), d->pid,
			 builds_source(d), clock_text(d->started_at, started));
	else
		out_line(req->out, "%-17s  %-6s  %-10s  %-8d  %-16s  %-20s  %s",
			 d->public_id, d->kind, builds_status(d), d->pid,
			 builds_source(d), clock_text(d->started_at, started),
			 duration_of(d, took));
}

static int check_words(const struct request *req, struct err *err)
{
	const char *format = request_value(req, "format");

	if (format && strcmp(format, "json") != 0 && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s: it is json or stdout", format);
	return check_kind(req, err) < 0 ? -1 : check_status(req, err);
}

static bool wants_json(const struct request *req)
{
	const char *format = request_value(req, "format");

	return format && strcmp(format, "json") == 0;
}

int builds_cmd_list(struct request *req, struct err *err)
{
	AUTO(deploys_release) struct deploys list = DEPLOYS_INIT;
	AUTO(json_at) json_t *array = json_array();
	bool json = wants_json(req);
	bool any = false;

	if (check_words(req, err) < 0 ||
	    deploy_list(req->st, req->app.id, LISTED, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		struct app app;

		if (!wanted(req, &list.v[i]) ||
		    app_find_id(req->st, list.v[i].app_id, &app, err) != 0 ||
		    (!req->app.id && !rights_allow(req, &app)))
			continue;
		if (json)
			(void)json_array_append_new(array,
						    builds_json(&list.v[i], app.name));
		else if (!any)
			print_head(req);
		if (!json)
			print_row(req, &list.v[i], app.name);
		any = true;
	}
	if (json)
		report_print_json(req->out, json_incref(array));
	else if (!any)
		out_line(req->out, req->app.id || request_flag(req, "all")
					   ? "No builds recorded"
					   : "No builds currently running");
	return 0;
}

int builds_cmd_info(struct request *req, struct err *err)
{
	AUTO_FREE char *log = NULL;
	char text[CLOCK_TEXT];
	struct deploy d;

	if (check_words(req, err) < 0 || builds_find(req, req->argv[1], &d, err) < 0)
		return -1;
	if (wants_json(req)) {
		report_print_json(req->out, builds_json(&d, req->app.name));
		return 0;
	}
	log = builds_log_path(req->app.name, &d);
	out_line(req->out, "Build ID:   %s", d.public_id);
	out_line(req->out, "App:        %s", req->app.name);
	out_line(req->out, "Kind:       %s", d.kind);
	out_line(req->out, "Status:     %s", builds_status(&d));
	out_line(req->out, "PID:        %d", d.pid);
	out_line(req->out, "Source:     %s", builds_source(&d));
	out_line(req->out, "By:         %s", d.author);
	if (*d.revision)
		out_line(req->out, "Revision:   %s", d.revision);
	out_line(req->out, "Started:    %s", clock_text(d.started_at, text));
	if (d.finished_at)
		out_line(req->out, "Finished:   %s", clock_text(d.finished_at, text));
	else
		out_line(req->out, "Step:       %s", d.step);
	out_line(req->out, "Duration:   %s", duration_of(&d, text));
	if (d.finished_at)
		out_line(req->out, "Exit Code:  %d", d.exit_code);
	out_line(req->out, "Log:        %s", log);
	return 0;
}
