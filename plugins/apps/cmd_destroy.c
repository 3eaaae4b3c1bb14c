/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "plugins/apps/apps.h"
#include "util/buf.h"
#include "util/cleanup.h"

/* One line of stdin, read byte by byte: what follows is not ours to take. */
static void read_answer(struct buf *answer)
{
	char c;

	while (answer->len < 256 && read(0, &c, 1) == 1 && c != '\n')
		buf_addc(answer, c);
	while (answer->len && strchr(" \t\r", answer->data[answer->len - 1]))
		buf_cut(answer, answer->len - 1);
}

static int confirm(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf answer = BUF_INIT;
	const char *name = req->app.name;

	out_warn(req->out, "WARNING: Potentially Destructive Action");
	out_warn(req->out, "This command will destroy %s (including all add-ons).", name);
	out_warn(req->out, "To proceed, type \"%s\"", name);
	out_bytes(req->out, "> ", 2);
	read_answer(&answer);
	if (strcmp(answer.data, name) == 0)
		return 0;
	out_bytes(req->out, "\n", 1);
	out_error_line(req->out, "Confirmation did not match. Aborted.");
	return err_exit(err, 1);
}

int apps_cmd_destroy(struct request *req, struct err *err)
{
	if (apps_check_idle(req->st, &req->app, err) < 0)
		return -1;
	if (!req->force && confirm(req, err) < 0)
		return -1;
	out_step(req->out, "Destroying %s (including all add-ons)", req->app.name);
	if (apps_destroy(req->st, req->out, &req->app, err) < 0) {
		(void)err_context(err, "%s was not destroyed", req->app.name);
		return err_hint(err,
				"it can be tried again: davit --force apps:destroy %s",
				req->app.name);
	}
	return 0;
}
