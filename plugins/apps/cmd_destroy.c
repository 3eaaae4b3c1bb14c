/* SPDX-License-Identifier: MIT */
#include "command/confirm.h"
#include "plugins/apps/apps.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int apps_cmd_destroy(struct request *req, struct err *err)
{
	AUTO_FREE char *what = xasprintf(
		"This command will destroy %s (including all add-ons).", req->app.name);

	if (apps_check_idle(req->st, &req->app, err) < 0)
		return -1;
	if (confirm(req, req->app.name, what, err) < 0)
		return -1;
	out_step(req->out, "Destroying %s (including all add-ons)", req->app.name);
	if (apps_destroy(req->st, req->out, &req->app, err) < 0) {
		(void)err_context(err, "%s was not destroyed", req->app.name);
		return err_hint(err,
				"it can be tried again: davit --force apps:destroy %s",
				req->app.name);
	}
	return 0;
}
