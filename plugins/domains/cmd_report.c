/* SPDX-License-Identifier: MIT */
#include "plugins/domains/domains.h"
#include "store/domain.h"
#include "util/cleanup.h"

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO(strv_release) struct strv global = STRV_INIT;
	AUTO(strv_release) struct strv own = STRV_INIT;
	AUTO_FREE char *globals = NULL;
	AUTO_FREE char *hosts = NULL;
	bool enabled;

	if (domain_list(req->st, STORE_GLOBAL, &global, err) < 0)
		return -1;
	globals = strv_join(&global, " ");
	report_add_bool(r, "domains-global-enabled", global.len > 0);
	report_add(r, "domains-global-vhosts", globals);
	if (app->id == STORE_GLOBAL)
		return 0;
	if (domains_enabled(req->st, app->id, &enabled, err) < 0 ||
	    domains_of_app(req->st, app, &own, err) < 0)
		return -1;
	hosts = strv_join(&own, " ");
	report_add_bool(r, "domains-app-enabled", enabled);
	report_add(r, "domains-app-vhosts", hosts);
	return 0;
}

int domains_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "domains", .prefix = "domains-", .global = true, .fill = fill
	};

	return report_run(req, &kind, err);
}
