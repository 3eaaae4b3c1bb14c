/* SPDX-License-Identifier: MIT */
/* logs:set, logs:report, and the log shipper that there is none of. */
#include <string.h>

#include "command/setting.h"
#include "plugins/logs/logs.h"
#include "runtime/limits.h"

static int is_max_size(const char *key, const char *value, struct err *err)
{
	if (strcmp(value, "unlimited") == 0 ||
	    (strpbrk(value, "kKmMgG") && limits_parse_size(value) >= 65536))
		return 0;
	return err_set(err, ERR_USAGE,
		       "Invalid %s: it is unlimited, or a number of at least 64k with k, "
		       "m or g, not %.40s",
		       key, value);
}

/* What a user of a shipper sets stays readable; nothing here reads it. */
static int is_sink(const char *key, const char *value, struct err *err)
{
	if (strstr(value, "://"))
		return 0;
	return err_set(err, ERR_USAGE, "Invalid %s: it is KIND://?KEY=VALUE, not %.60s",
		       key, value);
}

/* A label's key: letters and digits, with . - _ / between them. */
static int is_label(const char *key, const char *value, struct err *err)
{
	size_t n = strlen(value);
	static const char ends[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789";
	static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789.-_/";

	if (n < 254 && strspn(value, all) == n && strchr(ends, value[0]) &&
	    strchr(ends, value[n - 1]))
		return 0;
	(void)err_set(err, ERR_USAGE, "Invalid %s value: %.60s", key, value);
	return err_hint(err, "letters and digits, with . - _ or / between them");
}

static const struct setting rows[] = {
	{ "app-label-alias", "com.dokku.app-name", SETTING_BOTH, is_label },
	{ "max-size", LOGS_MAX_SIZE, SETTING_BOTH, is_max_size },
	{ "vector-cron-sink", "", SETTING_BOTH, is_sink },
	{ "vector-image", "", SETTING_GLOBAL, NULL },
	{ "vector-networks", "", SETTING_GLOBAL, NULL },
	{ "vector-sink", "", SETTING_BOTH, is_sink },
};

static const struct settings settings = { "logs", "logs-", rows,
					  sizeof rows / sizeof *rows };

int logs_cmd_set(struct request *req, struct err *err)
{
	const char *key = !req->global && req->argc > 1 ? req->argv[1] : "";

	if (strcmp(key, "vector-image") == 0 || strcmp(key, "vector-networks") == 0) {
		(void)err_set(err, ERR_USAGE, "%s may only be set globally with --global",
			      key);
		return err_hint(err, "davit logs:set --global %s <value>", key);
	}
	return settings_set(req, &settings, err);
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	return settings_report(r, req->st, app, &settings, err);
}

int logs_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "logs",
						 .prefix = "logs-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}

int logs_cmd_vector(struct request *req, struct err *err)
{
	(void)req;
	(void)err_set(err, ERR_REFUSED,
		      "there is no log shipper here: it would run in a container engine");
	return err_hint(err,
			"davit logs APP --since 1h, or ship /var/log/davit/APP/*.log");
}
