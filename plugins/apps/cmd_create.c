/* SPDX-License-Identifier: MIT */
#include "plugins/apps/apps.h"

int apps_cmd_create(struct request *req, struct err *err)
{
	return apps_make(req->st, req->out, req->argv[0], NULL, err);
}
