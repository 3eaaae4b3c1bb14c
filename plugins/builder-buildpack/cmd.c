/* SPDX-License-Identifier: MIT */
/* builder-buildpack:set, builder-buildpack:report */
#include "command/report.h"
#include "command/setting.h"
#include "plugins/builder-buildpack/buildpack.h"

static const struct setting rows[] = {
	{ "build-timeout", "1800", SETTING_BOTH, setting_is_seconds },
};

static const struct settings settings = { BUILDPACK_PLUGIN, "builder-buildpack-", rows,
					  1 };

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	return settings_report(r, req->st, app, &settings, err);
}

int buildpack_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &settings, err);
}

int buildpack_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "builder-buildpack",
						 .prefix = "builder-buildpack-",
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}
