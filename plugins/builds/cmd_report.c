/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "command/setting.h"
#include "plugins/builds/builds.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/clock.h"

static int is_retention(const char *key, const char *value, struct err *err)
{
	long n;

	if (name_to_int(value, 1, 100000, &n))
		return 0;
	return err_set(err, ERR_USAGE, "%s must be a number from 1 to 100000", key);
}

static int is_parallel(const char *key, const char *value, struct err *err)
{
	long n;

	if (name_to_int(value, 1, 64, &n))
		return 0;
	return err_set(err, ERR_USAGE, "%s must be a number from 1 to 64", key);
}

static const struct setting rows[] = {
	{ "retention", "20", SETTING_BOTH, is_retention },
	{ "parallel", "as many as cores", SETTING_GLOBAL, is_parallel },
};
static const struct settings settings = { "builds", "builds-", rows,
					  sizeof rows / sizeof *rows };

int builds_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &settings, err);
}

static void add_newest(struct report *r, const struct deploy *d)
{
	char text[CLOCK_TEXT];

	report_add(r, "builds-build-id", d->public_id);
	report_add(r, "builds-build-kind", d->kind);
	report_add(r, "builds-build-status", builds_status(d));
	report_add(r, "builds-build-source", builds_source(d));
	report_addf(r, "builds-build-pid", "%d", d->pid);
	report_add(r, "builds-build-started-at", clock_text(d->started_at, text));
	report_add(r, "builds-build-finished-at",
		   d->finished_at ? clock_text(d->finished_at, text) : "");
	report_addf(r, "builds-build-exit-code", "%d", d->exit_code);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	static const char *const keys[] = {
		"builds-build-id",          "builds-build-kind",
		"builds-build-status",      "builds-build-source",
		"builds-build-pid",         "builds-build-started-at",
		"builds-build-finished-at", "builds-build-exit-code",
	};
	AUTO(deploys_release) struct deploys newest = DEPLOYS_INIT;

	if (app->id != STORE_GLOBAL && deploy_list(req->st, app->id, 1, &newest, err) < 0)
		return -1;
	if (newest.len)
		add_newest(r, &newest.v[0]);
	else if (app->id != STORE_GLOBAL)
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			report_add(r, keys[i], "");
	return settings_report(r, req->st, app, &settings, err);
}

int builds_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "builds",
						 .prefix = "builds-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}
