/* SPDX-License-Identifier: MIT */
/* url and urls: the name of the command is the form that is asked for. */
#include "plugin/plugin.h"
#include "plugins/url/url.h"
#include "util/cleanup.h"

int url_cmd_url(struct request *req, struct err *err)
{
	AUTO_FREE char *answer = NULL;

	if (trigger_ask(req->st, req->out, &answer, err, TRIGGER_DOMAINS_URLS,
			req->app.name, req->command->name, NULL) < 0)
		return -1;
	out_line(req->out, "%s", answer);
	return 0;
}
