/* SPDX-License-Identifier: MIT */
/* run:list, run:logs, run:stop and run:retire. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "command/report.h"
#include "plugins/run/run.h"
#include "runtime/logfile.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

enum { LINES_DEFAULT = 100, LINES_MAX = 100000, LOOK_MS = 200 };

/* What run:list says of one container. */
static json_t *describe(struct request *req, const char *name, const json_t *states)
{
	AUTO_FREE char *text = NULL;
	AUTO(json_at) json_t *about = NULL;
	const char *state = json_string_value(json_object_get(states, name));
	const char *command;
	char at[CLOCK_TEXT];
	struct err ignored;

	if (property_find(req->st, req->app.id, "run", name, &text, &ignored) == 0)
		about = json_loads(text, 0, NULL);
	command = json_string_value(json_object_get(about, "command"));
	clock_text(json_integer_value(json_object_get(about, "created_at")), at);
	return json_pack("{s:s, s:s, s:s, s:s}", "name", name, "state",
			 state ? state : "starting", "command", command ? command : "",
			 "created_at", at);
}

static void print_table(struct out *out, const json_t *list)
{
	size_t width = 4;
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
		width = json_string_length(json_object_get(row, "name")) > width
				? json_string_length(json_object_get(row, "name"))
				: width;
	if (!out->quiet)
		out_line(out, "%-*s  %-8s  %-20s  %s", (int)width, "NAME", "STATE",
			 "CREATED", "COMMAND");
	json_array_foreach(list, i, row)
		out_line(out, "%-*s  %-8s  %-20s  %s", (int)width,
			 json_string_value(json_object_get(row, "name")),
			 json_string_value(json_object_get(row, "state")),
			 json_string_value(json_object_get(row, "created_at")),
			 json_string_value(json_object_get(row, "command")));
}

int run_cmd_list(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(json_at) json_t *states = NULL;
	const char *format = request_value(req, "format");
	json_t *list;

	if (format && strcmp(format, "json") != 0 && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s specified: it is json or stdout",
			       format);
	if (run_names(req->st, &req->app, &names, &states, err) < 0)
		return -1;
	list = json_array();
	strv_foreach(name, &names)
		(void)json_array_append_new(list, describe(req, name, states));
	if (format && strcmp(format, "json") == 0) {
		report_print_json(req->out, list);
		return 0;
	}
	print_table(req->out, list);
	json_decref(list);
	return 0;
}

/* --container NAME, with or without the app's name before ".run."; NULL: none given. */
static char *wanted(const struct request *req)
{
	const char *name = request_value(req, "container");

	if (!name)
		return NULL;
	return strstr(name, "run.") == name ? xasprintf("%s.%s", req->app.name, name)
					    : xstrdup(name);
}

int run_cmd_stop(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO(json_at) json_t *states = NULL;
	AUTO_FREE char *only = wanted(req);

	if (run_names(req->st, &req->app, &names, &states, err) < 0)
		return -1;
	if (only && strv_find(&names, only) < 0) {
		(void)err_set(err, ERR_REFUSED, "%s does not run", only);
		return err_hint(err, "davit run:list %s", req->app.name);
	}
	strv_foreach(name, &names) {
		if (only && strcmp(name, only) != 0)
			continue;
		out_step(req->out, "Stopping %s", name);
		if (run_stop_one(req->st, req->app.id, name, err) < 0)
			return -1;
	}
	return 0;
}

int run_cmd_retire(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	if (req->app.id != STORE_GLOBAL)
		return run_retire(req->st, &req->app, err);
	if (request_apps(req, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;

		if (app_find(req->st, name, &app, err) == 0 &&
		    run_retire(req->st, &app, err) < 0)
			return -1;
	}
	return 0;
}

static void print_lines(struct request *req, struct log_lines *lines)
{
	bool quiet = req->out->quiet || request_flag(req, "quiet");

	for (size_t i = 0; i < lines->len && !req->out->client_gone; i++)
		if (quiet)
			out_line(req->out, "%s", lines->v[i].text);
		else
			out_line(req->out, "%s app[%s]: %s", lines->v[i].at,
				 lines->v[i].name, lines->v[i].text);
}

static bool reader_is_there(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = 0 };

	return poll(&p, 1, LOOK_MS) <= 0 || !(p.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* Until the command has ended and its last line is printed. */
static int follow(struct request *req, struct log_file *f, const char *name,
		  struct err *err)
{
	bool on = true;

	while (on && !req->out->client_gone && reader_is_there()) {
		AUTO(log_lines_release) struct log_lines lines = LOG_LINES_INIT;
		AUTO_FREE char *about = NULL;
		int rc = property_find(req->st, req->app.id, "run", name, &about, err);

		if (rc < 0 || log_file_more(f, &lines, err) < 0)
			return -1;
		print_lines(req, &lines);
		on = rc == 0;
	}
	return 0;
}

static int show(struct request *req, const char *log, size_t max, struct err *err)
{
	AUTO(log_lines_release) struct log_lines lines = LOG_LINES_INIT;
	AUTO_FREE char *name = xasprintf("%s.%s", req->app.name, log);
	AUTO(log_file_close) struct log_file f;
	int rc;

	log_file_open(&f, req->app.name, log);
	rc = log_file_tail(&f, max, &lines, err);
	if (rc == 0)
		print_lines(req, &lines);
	log_lines_release(&lines);
	return rc == 0 && request_flag(req, "tail") ? follow(req, &f, name, err) : rc;
}

int run_cmd_logs(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	AUTO_FREE char *only = wanted(req);
	const char *num = request_value(req, "num");
	const char *filter = only ? strstr(only, "run.") : "run";
	long max = LINES_DEFAULT;

	if (num && !name_to_int(num, 0, LINES_MAX, &max))
		return err_set(err, ERR_USAGE,
			       "--num must be a number up to %d, not %.40s", LINES_MAX,
			       num);
	if (log_names(req->app.name, filter ? filter : "run", &names, err) < 0)
		return -1;
	if (only && names.len == 0) {
		(void)err_set(err, ERR_REFUSED, "there is no log of %s", only);
		return err_hint(err, "davit run:list %s", req->app.name);
	}
	strv_foreach(log, &names) {
		if (show(req, log, (size_t)max, err) < 0)
			return -1;
	}
	return 0;
}
