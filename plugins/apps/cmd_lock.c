/* SPDX-License-Identifier: MIT */
/* apps:lock keeps an app as it is: no deploy of any kind starts until apps:unlock. */
#include "plugins/apps/apps.h"

int apps_cmd_lock(struct request *req, struct err *err)
{
	if (req->app.locked) {
		(void)err_set(err, ERR_REFUSED, "%s is locked already", req->app.name);
		return err_hint(err, "davit apps:unlock %s", req->app.name);
	}
	if (app_set_locked(req->st, req->app.id, true, err) < 0)
		return -1;
	out_step(req->out, "Deploy lock created");
	return 0;
}

int apps_cmd_unlock(struct request *req, struct err *err)
{
	if (app_set_locked(req->st, req->app.id, false, err) < 0)
		return -1;
	out_step(req->out, "Deploy lock removed");
	return 0;
}

int apps_cmd_locked(struct request *req, struct err *err)
{
	if (!req->app.locked)
		return err_set(err, ERR_REFUSED, "Deploy lock does not exist");
	out_step(req->out, "Deploy lock exists");
	return 0;
}
