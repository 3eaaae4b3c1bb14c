/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/apps/apps.h"
#include "util/cleanup.h"

int apps_cmd_list(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;
	const char *format = request_value(req, "format");
	bool json = format && strcmp(format, "json") == 0;

	if (format && !json && strcmp(format, "stdout") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid format %.60s specified: it is json or stdout",
			       format);
	if (request_apps(req, &names, err) < 0)
		return -1;
	if (json) {
		json_t *all = json_array();

		strv_foreach(name, &names)
			(void)json_array_append_new(all, json_string(name));
		report_print_json(req->out, all);
		return 0;
	}
	if (names.len == 0) {
		out_warn(req->out, "You haven't deployed any applications yet");
		return 0;
	}
	out_title(req->out, "My Apps");
	strv_foreach(name, &names)
		out_line(req->out, "%s", name);
	return 0;
}

/* The dispatcher has looked the app up: a missing one never comes here. */
int apps_cmd_exists(struct request *req, struct err *err)
{
	(void)req;
	(void)err;
	return 0;
}
