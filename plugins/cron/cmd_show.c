/* SPDX-License-Identifier: MIT */
/* cron:list, cron:report and cron:set. */
#include <string.h>

#include "command/setting.h"
#include "plugins/cron/cron.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static const struct setting rows[] = {
	{ "mailfrom", "", SETTING_GLOBAL, NULL },
	{ "mailto", "", SETTING_GLOBAL, NULL },
};
static const struct settings mail = { "cron", "cron-", rows, 2 };

static const struct setting all_rows[] = {
	{ "mailfrom", "", SETTING_GLOBAL, NULL },
	{ "mailto", "", SETTING_GLOBAL, NULL },
	{ "maintenance", "false", SETTING_BOTH, setting_is_bool },
};
static const struct settings all = { "cron", "cron-", all_rows, 3 };

static json_t *describe(const struct request *req, const struct task *t, bool app_rests,
			bool task_rests)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b}", "id", t->id, "app",
			 req->app.name, "command", t->command, "schedule", t->schedule,
			 "concurrency_policy", t->policy, "maintenance",
			 app_rests || task_rests, "app-in-maintenance", app_rests,
			 "task-in-maintenance", task_rests);
}

/* The host's: those of plugins. */
static int list_entries(struct request *req, json_t *out, struct err *err)
{
	AUTO(cron_entries_release) struct cron_entries entries = CRON_ENTRIES_INIT;

	if (cron_entries(req->st, &entries, err) < 0)
		return -1;
	for (size_t i = 0; i < entries.len; i++)
		(void)json_array_append_new(
			out, json_pack("{s:s, s:s, s:b, s:s, s:s, s:b, s:b, s:b}", "id",
				       entries.v[i].id, "command", entries.v[i].command,
				       "global", 1, "schedule", entries.v[i].schedule,
				       "concurrency_policy", "", "app-in-maintenance", 0,
				       "task-in-maintenance", 0, "maintenance", 0));
	return 0;
}

static int list(struct request *req, const struct tasks *tasks, json_t *out,
		struct err *err)
{
	bool app_rests;
	bool rests;

	if (cron_app_rests(req->st, &req->app, &app_rests, err) < 0)
		return -1;
	for (size_t i = 0; i < tasks->len; i++) {
		if (cron_task_rests(req->st, &req->app, &tasks->v[i], &rests, err) < 0)
			return -1;
		(void)json_array_append_new(
			out, describe(req, &tasks->v[i], app_rests, rests));
	}
	return 0;
}

static void print(struct out *out, const json_t *tasks)
{
	size_t width = 2;
	size_t i;
	json_t *t;

	json_array_foreach(tasks, i, t) {
		size_t n = json_string_length(json_object_get(t, "id"));

		width = n > width ? n : width;
	}
	if (!out->quiet)
		out_line(out, "%-*s  %-16s  %-11s  %s", (int)width, "ID", "Schedule",
			 "Maintenance", "Command");
	json_array_foreach(tasks, i, t)
		out_line(out, "%-*s  %-16s  %-11s  %s", (int)width,
			 json_string_value(json_object_get(t, "id")),
			 json_string_value(json_object_get(t, "schedule")),
			 json_is_true(json_object_get(t, "maintenance")) ? "true"
									 : "false",
			 json_string_value(json_object_get(t, "command")));
}

int cron_cmd_list(struct request *req, struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;
	json_t *out;

	if (format && !json && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s: it is json or stdout", format);
	if (!req->global && cron_tasks(req->st, &req->app, &tasks, err) < 0)
		return -1;
	out = json_array();
	if ((req->global ? list_entries(req, out, err) : list(req, &tasks, out, err)) <
	    0) {
		json_decref(out);
		return -1;
	}
	if (json) {
		report_print_json(req->out, out);
		return 0;
	}
	print(req->out, out);
	json_decref(out);
	return 0;
}

static int add_maintenance(struct report *r, struct store *st, const struct app *app,
			   struct err *err)
{
	AUTO_FREE char *own = NULL;
	AUTO_FREE char *host = NULL;
	bool rests;

	if (property_find(st, app->id, "cron", "maintenance", &own, err) < 0 ||
	    property_find(st, STORE_GLOBAL, "cron", "maintenance", &host, err) < 0 ||
	    cron_app_rests(st, app, &rests, err) < 0)
		return -1;
	if (app->id != STORE_GLOBAL)
		report_add(r, "cron-maintenance", own ? own : "");
	report_add(r, "cron-global-maintenance", host ? host : "");
	report_add_bool(r, "cron-computed-maintenance", rests);
	return 0;
}

static int add_tasks(struct report *r, struct store *st, const struct app *app,
		     struct err *err)
{
	AUTO(tasks_release) struct tasks tasks = TASKS_INIT;
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (cron_tasks(st, app, &tasks, err) < 0 ||
	    property_keys(st, app->id, "cron", "maintenance.", &keys, err) < 0)
		return -1;
	report_addf(r, "cron-task-count", "%zu", tasks.len);
	strv_foreach(key, &keys) {
		AUTO_FREE char *flag = xasprintf("cron-maintenance-%s",
						 key + strlen("maintenance."));
		AUTO_FREE char *value = NULL;

		if (property_get(st, PROPERTY(app->id, "cron", key), "", &value, err) < 0)
			return -1;
		report_add(r, flag, value);
	}
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	if (settings_report(r, req->st, app, &mail, err) < 0 ||
	    add_maintenance(r, req->st, app, err) < 0)
		return -1;
	return app->id == STORE_GLOBAL ? 0 : add_tasks(r, req->st, app, err);
}

int cron_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "cron",
						 .prefix = "cron-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}

int cron_cmd_set(struct request *req, struct err *err)
{
	const char *key = req->argc > !req->global ? req->argv[!req->global] : "";
	const char *value = req->argc > 1 + !req->global ? req->argv[1 + !req->global]
							 : "";

	if (strncmp(key, "maintenance.", 12) != 0) {
		if (strncmp(key, "mail", 4) == 0 && *value)
			out_warn(req->out,
				 "no mail is sent about tasks of app.json: what they "
				 "print is in davit run:logs");
		return settings_set(req, &all, err) < 0
			       ? -1
			       : cron_rewrite(req->st, req->out,
					      req->global ? NULL : req->app.name, err);
	}
	if (req->global)
		return err_set(err, ERR_USAGE,
			       "Task maintenance properties cannot be set globally");
	if (*value && setting_is_bool(key, value, err) < 0)
		return -1;
	out_title(req->out, *value ? "Setting %s to %s" : "Unsetting %s", key, value);
	if ((*value ? property_set(req->st, req->app.id, "cron", key, value, err)
		    : property_unset(req->st, req->app.id, "cron", key, err)) < 0)
		return -1;
	return cron_rewrite(req->st, req->out, req->app.name, err);
}
