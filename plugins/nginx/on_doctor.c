/* SPDX-License-Identifier: MIT */
/* Is each app's file what would be written now? */
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "serve/proxy.h"
#include "util/cleanup.h"
#include "util/fs.h"

static void tell(struct buf *out, const char *app, const char *what)
{
	buf_addf(out, "error\tthe nginx file of %s %s\tdavit proxy:build-config %s\n",
		 app, what, app);
}

static int compare(struct trigger_call *call, const struct app *app, struct err *err)
{
	AUTO(buf_release) struct buf want = BUF_INIT;
	AUTO(buf_release) struct buf have = BUF_INIT;
	AUTO(strv_release) struct strv names = STRV_INIT;
	bool ours;
	int wanted;
	int there;

	if (nginx_is_ours(call, app->name, &ours, err) < 0)
		return -1;
	wanted = ours ? nginx_text(call->st, NULL, app, &want, &names, err)
		      : VHOST_NOTHING;
	there = proxy_current(app->name, &have, err);
	if (wanted < 0 || there < 0)
		return -1;
	/* A new app's file comes with the first word about its names. */
	if (wanted == NGINX_DOWN)
		wanted = there == FS_ABSENT ? VHOST_NOTHING : 0;
	if (wanted == 0 && there == FS_ABSENT)
		tell(&call->out, app->name, "is missing");
	else if (wanted != 0 && there == 0)
		tell(&call->out, app->name, "serves what is not to be served");
	else if (wanted == 0 && strcmp(want.data, have.data) != 0)
		tell(&call->out, app->name, "is not what its settings say");
	return 0;
}

int nginx_on_doctor(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct app app;

	(void)self;
	if (app_names(call->st, &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct err why;

		if (app_find(call->st, name, &app, err) == 0 &&
		    compare(call, &app, &why) < 0)
			buf_addf(&call->out, "error\tnginx: %s: %s\t%s\n", name, why.text,
				 why.hint[0] ? why.hint : "davit nginx:report");
	}
	return 0;
}
