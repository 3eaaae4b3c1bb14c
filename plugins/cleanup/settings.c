/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/setting.h"
#include "plugins/cleanup/cleanup.h"
#include "store/property.h"
#include "util/cleanup.h"

/* "512M", "10G": bytes with a unit. */
static bool parse_size(const char *text, int64_t *bytes)
{
	static const char units[] = "kmgt";
	char *end;
	long long n = strtoll(text, &end, 10);
	const char *unit;

	if (end == text || n < 0 || n > (1LL << 40))
		return false;
	if (*end) {
		unit = strchr(units, *end | 0x20);
		if (!unit || end[1])
			return false;
		for (const char *u = units; u <= unit; u++)
			n *= 1024;
	}
	*bytes = n;
	return true;
}

static int is_size(const char *key, const char *value, struct err *err)
{
	int64_t bytes;

	return parse_size(value, &bytes)
		       ? 0
		       : err_set(err, ERR_USAGE, "%s must be a size: 512M, 10G", key);
}

static const struct setting rows[] = {
	[BUDGET_CACHES] = { "build-caches", "5G", SETTING_GLOBAL, is_size },
	[BUDGET_BUILD_LOGS] = { "build-logs", "256M", SETTING_GLOBAL, is_size },
	[BUDGET_SPARE_LAYERS] = { "spare-layers", "5G", SETTING_GLOBAL, is_size },
	{ "daily", "true", SETTING_GLOBAL, setting_is_bool },
};

static const struct settings settings = {
	.plugin = "cleanup",
	.prefix = "cleanup-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
};

const char *cleanup_budget_name(enum cleanup_budget budget)
{
	return rows[budget].key;
}

int cleanup_budgets(struct sweep *s, struct err *err)
{
	for (int i = 0; i < BUDGET_COUNT; i++) {
		AUTO_FREE char *text = NULL;

		if (property_get(s->st, PROPERTY(STORE_GLOBAL, "cleanup", rows[i].key),
				 rows[i].otherwise, &text, err) < 0)
			return -1;
		if (!parse_size(text, &s->budget[i]))
			return err_set(err, ERR_REFUSED, "cleanup %s: %s is no size",
				       rows[i].key, text);
	}
	return 0;
}

int cleanup_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &settings, err);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	return settings_report(r, req->st, app, &settings, err);
}

int cleanup_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "cleanup", .prefix = "cleanup-", .global = true, .fill = fill
	};

	return report_run(req, &kind, err);
}
