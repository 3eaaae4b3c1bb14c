/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "command/dispatch.h"
#include "plugin/plugin.h"
#include "plugins/trace/trace.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

/* Where Dokku has the same, for who looks there; not in the home of a test's user. */
static char *view_path(void)
{
	return getenv("DAVIT_ROOT") ? NULL
				    : paths_in(plugin_home(), ".dokkurc/DOKKU_TRACE");
}

static int write_view(struct err *err)
{
	static const char text[] = "export DOKKU_TRACE=1\n";
	AUTO_FREE char *path = view_path();
	AUTO_FREE char *dir = NULL;

	if (!path)
		return 0;
	dir = paths_in(plugin_home(), ".dokkurc");
	if (fs_mkdirs(dir, 0755, err) < 0)
		return -1;
	return fs_write_atomic(path, text, sizeof text - 1, 0644, err);
}

int trace_cmd_on(struct request *req, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), DISPATCH_TRACE_FILE);

	if (fs_write_atomic(path, "", 0, 0600, err) < 0 || write_view(err) < 0)
		return -1;
	out_step(req->out, "Enabling trace mode");
	return 0;
}

int trace_cmd_off(struct request *req, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), DISPATCH_TRACE_FILE);
	AUTO_FREE char *view = view_path();

	if (view)
		(void)unlink(view);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, "remove %s", path);
	out_step(req->out, "Disabling trace mode");
	return 0;
}
