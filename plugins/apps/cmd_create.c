/* SPDX-License-Identifier: MIT */
#include "plugins/apps/apps.h"

int apps_cmd_create(struct request *req, struct err *err)
{
	out_step(req->out, "Creating %s...", req->argv[0]);
	return apps_make(req->st, req->out, req->argv[0], NULL, err);
}
