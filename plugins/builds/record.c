/* SPDX-License-Identifier: MIT */
/* LIB/data/builds/APP/ID.json: what others read of a deploy that is over. */
#include <stdlib.h>
#include <string.h>

#include "plugins/builds/builds.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/paths.h"

enum { LOOKS_BACK = 20 };

char *builds_record_path(const char *app, const struct deploy *d)
{
	return paths_in(paths_root(), "data/builds/%s/%s.json", app, d->public_id);
}

/* It will not change any more. */
static int write_record(const char *app, const struct deploy *d, struct err *err)
{
	AUTO_FREE char *path = builds_record_path(app, d);
	AUTO_FREE char *dir = paths_in(paths_root(), "data/builds/%s", app);
	AUTO_FREE char *text = NULL;
	AUTO(json_at) json_t *record = NULL;

	if (!d->finished_at || fs_exists(path))
		return 0;
	record = builds_json(d, app);
	text = json_dumps(record, JSON_INDENT(2));
	return fs_mkdirs(dir, 0755, err) < 0
		       ? -1
		       : fs_write_atomic(path, text, strlen(text), 0644, err);
}

/* That a record could not be written is said, and stops nothing. */
int builds_on_views(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO(deploys_release) struct deploys list = DEPLOYS_INIT;
	struct app app;
	int rc;

	(void)self;
	if (!call->argv[0] || !call->argv[1] || strcmp(call->argv[1], "write") != 0)
		return 0;
	rc = app_find(call->st, call->argv[0], &app, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (deploy_list(call->st, app.id, LOOKS_BACK, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.len; i++)
		if (write_record(app.name, &list.v[i], err) < 0)
			out_warn(call->to, "%s", err->text);
	return 0;
}
