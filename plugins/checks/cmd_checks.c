/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/setting.h"
#include "plugin/plugin.h"
#include "plugins/checks/checks.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* Two lists of process types; "_all_" stands for every type. */
static const char *const lists[] = { "disabled", "skipped" };

static int load(struct request *req, const char *list, struct strv *types,
		struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (property_get(req->st, PROPERTY(req->app.id, "checks", list), "", &text, err) <
	    0)
		return -1;
	strv_split(types, text, ",");
	return 0;
}

static int save(struct request *req, const char *list, const struct strv *types,
		struct err *err)
{
	AUTO_FREE char *text = strv_join(types, ",");

	if (!types->len)
		return property_unset(req->st, req->app.id, "checks", list, err);
	return property_set(req->st, req->app.id, "checks", list, text, err);
}

static void drop(struct strv *types, const struct strv *gone)
{
	bool all = strv_find(gone, "_all_") >= 0;

	for (size_t i = types->len; i > 0; i--)
		if (all || strv_find(gone, types->v[i - 1]) >= 0)
			strv_remove(types, i - 1);
}

static int wanted(struct request *req, struct strv *types, struct err *err)
{
	if (req->argc < 2) {
		strv_add(types, "_all_");
		return 0;
	}
	strv_split(types, req->argv[1], ",");
	strv_foreach(type, types)
		if (!name_is_process(type))
			return err_set(err, ERR_USAGE, "'%.80s' is no process type",
				       type);
	return 0;
}

/* Put the types on the list `onto` (NULL: on none) and off the others. */
static int move(struct request *req, const char *onto, struct err *err)
{
	AUTO(strv_release) struct strv types = STRV_INIT;

	if (wanted(req, &types, err) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		AUTO(strv_release) struct strv list = STRV_INIT;

		if (load(req, lists[i], &list, err) < 0)
			return -1;
		drop(&list, &types);
		if (onto && strcmp(onto, lists[i]) == 0)
			strv_foreach(type, &types)
				strv_add(&list, type);
		if (save(req, lists[i], &list, err) < 0)
			return -1;
	}
	return 0;
}

int checks_cmd_disable(struct request *req, struct err *err)
{
	out_step(req->out, "Disabling zero downtime for app's (%s) proctypes (%s)",
		 req->app.name, req->argc > 1 ? req->argv[1] : "_all_");
	return move(req, "disabled", err);
}

int checks_cmd_skip(struct request *req, struct err *err)
{
	out_step(req->out, "Skipping zero downtime for app's (%s) proctypes (%s)",
		 req->app.name, req->argc > 1 ? req->argv[1] : "_all_");
	return move(req, "skipped", err);
}

int checks_cmd_enable(struct request *req, struct err *err)
{
	out_step(req->out, "Enabling zero downtime for app's (%s) proctypes (%s)",
		 req->app.name, req->argc > 1 ? req->argv[1] : "_all_");
	return move(req, NULL, err);
}

static int is_timeout(const char *key, const char *value, struct err *err)
{
	long n;

	if (name_to_int(value, 1, 3600, &n))
		return 0;
	return err_set(err, ERR_USAGE, "%s must be a number of seconds from 1 to 3600",
		       key);
}

static const struct setting rows[] = {
	{ "wait-to-retire", "60", SETTING_BOTH, setting_is_seconds },
	{ "listen-timeout", "60", SETTING_BOTH, is_timeout },
};
static const struct settings settings = { "checks", "checks-", rows,
					  sizeof rows / sizeof *rows };

int checks_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &settings, err);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	for (size_t i = 0; i < 2 && app->id != STORE_GLOBAL; i++) {
		AUTO_FREE char *flag = xasprintf("checks-%s-list", lists[i]);
		AUTO_FREE char *text = NULL;

		if (property_get(req->st, PROPERTY(app->id, "checks", lists[i]), "none",
				 &text, err) < 0)
			return -1;
		report_add(r, flag, text);
	}
	return settings_report(r, req->st, app, &settings, err);
}

int checks_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "checks", .prefix = "checks-", .global = true, .fill = fill
	};

	return report_run(req, &kind, err);
}

int checks_cmd_run(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;

	if (req->argc > 1)
		strv_split(&words, req->argv[1], ",");
	strv_insert(&words, 0, req->app.name);

	return trigger_argv(req->st, req->out, err, TRIGGER_CHECKS_RUN,
			    strv_const(&words)) < 0
		       ? -1
		       : 0;
}
