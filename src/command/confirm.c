/* SPDX-License-Identifier: MIT */
#include "command/confirm.h"

#include <string.h>
#include <unistd.h>

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

int confirm(struct request *req, const char *name, const char *what, struct err *err)
{
	AUTO(buf_release) struct buf answer = BUF_INIT;

	if (req->force)
		return 0;
	out_warn(req->out, "WARNING: Potentially Destructive Action");
	out_warn(req->out, "%s", what);
	out_warn(req->out, "To proceed, type \"%s\"", name);
	out_bytes(req->out, "> ", 2);
	read_answer(&answer);
	if (strcmp(answer.data, name) == 0)
		return 0;
	out_bytes(req->out, "\n", 1);
	out_error_line(req->out, "Confirmation did not match. Aborted.");
	return err_exit(err, 1);
}
