/* SPDX-License-Identifier: MIT */
#include "plugins/cleanup/cleanup.h"
#include "util/cleanup.h"

int cleanup_cmd(struct request *req, struct err *err)
{
	struct sweep s = { .st = req->st,
			   .out = req->out,
			   .dry = request_flag(req, "dry-run"),
			   .gone_apps = request_flag(req, "gone-apps"),
			   .apps = STRV_INIT };
	int rc;

	out_step(req->out, "Cleaning up");
	rc = cleanup_run(&s, err);
	strv_release(&s.apps);
	if (rc == 0 && s.count == 0)
		out_note(req->out, "there is nothing to remove");
	else if (rc == 0)
		out_note(req->out, "%s%d, %lld MB", s.dry ? "would remove " : "removed ",
			 s.count, (long long)(s.bytes / 1000000));
	return rc;
}
