/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "plugins/builds/builds.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { POLL_MS = 100 };

int builds_cmd_output(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf piece = BUF_INIT;
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int fd = -1;
	struct deploy d;

	if (builds_find(req, req->argc > 1 ? req->argv[1] : NULL, &d, err) < 0)
		return -1;
	path = builds_log_path(req->app.name, &d);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_REFUSED, "the output of %s is not kept any more",
			       d.public_id);
	if (fd < 0)
		return err_sys(err, "open %s", path);
	while (!req->out->client_gone) {
		/* Looked at before the read, so that the last lines are never missed. */
		bool running = builds_is_running(&d);
		ssize_t n;

		buf_reset(&piece);
		n = buf_read(&piece, fd, 65536);
		if (n < 0)
			return err_sys(err, "read %s", path);
		if (n > 0)
			out_bytes(req->out, piece.data, piece.len);
		else if (!running)
			break;
		else
			clock_sleep_ms(POLL_MS);
	}
	return 0;
}
