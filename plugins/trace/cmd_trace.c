/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "command/dispatch.h"
#include "plugins/trace/trace.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

int trace_cmd_on(struct request *req, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), DISPATCH_TRACE_FILE);

	if (fs_write_atomic(path, "", 0, 0600, err) < 0)
		return -1;
	out_step(req->out, "Enabling trace mode");
	return 0;
}

int trace_cmd_off(struct request *req, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), DISPATCH_TRACE_FILE);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, "remove %s", path);
	out_step(req->out, "Disabling trace mode");
	return 0;
}
