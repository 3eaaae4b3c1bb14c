/* SPDX-License-Identifier: MIT */
#include "plugins/apps/apps.h"

static int check(struct request *req, const char *to, struct err *err)
{
	struct app other;
	int rc;

	if (apps_check_name(to, err) < 0)
		return -1;
	rc = app_find(req->st, to, &other, err);
	if (rc == 0) {
		(void)err_set(err, ERR_REFUSED, "Name is already taken");
		return err_hint(err, "davit apps:list shows the names in use");
	}
	return rc < 0 ? -1 : apps_check_idle(req->st, &req->app, err);
}

int apps_cmd_rename(struct request *req, struct err *err)
{
	const char *to = req->argv[1];

	if (check(req, to, err) < 0)
		return -1;
	out_step(req->out, "Renaming %s to %s", req->app.name, to);
	return apps_rename(req->st, req->out, &req->app, to, err);
}
