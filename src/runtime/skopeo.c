/* SPDX-License-Identifier: MIT */
#include "runtime/skopeo.h"

#include <string.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/proc.h"
#include "util/strv.h"

#define SKOPEO "/usr/bin/skopeo"

struct talk {
	struct out *out;
	struct buf *why;
};

bool skopeo_is_here(void)
{
	return access(SKOPEO, X_OK) == 0;
}

/* Of 'time="…" level=fatal msg="…\"…"' the message. */
static void add_message(struct buf *why, const char *line)
{
	const char *at = strstr(line, " msg=\"");

	if (!at) {
		buf_adds(why, line);
		return;
	}
	for (at += strlen(" msg=\""); *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
		buf_addc(why, *at);
	}
}

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	struct talk *t = ctx;

	if (from == PROC_OUT && t->out)
		out_note(t->out, "%s", line);
	buf_reset(t->why);
	add_message(t->why, line);
}

int skopeo_run(const struct skopeo *s, struct buf *why, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO_FREE char *home = xasprintf("HOME=%s", s->home);
	AUTO_FREE char *tmp = xasprintf("TMPDIR=%s", s->dir ? s->dir : "/tmp");
	const char *const env[] = { proc_plain_env[0], "LC_ALL=C.UTF-8", home, tmp,
				    NULL };
	struct talk t = { .out = s->out, .why = why };
	struct proc_end end;

	strv_add(&argv, SKOPEO);
	for (const char *const *w = s->words; *w; w++)
		strv_add(&argv, *w);

	const struct proc p = { .argv = strv_const(&argv),
				.env = env,
				.dir = s->dir,
				.in = s->in,
				.timeout_ms = s->timeout_ms,
				.cancel_fd = s->cancel_fd,
				.on_line = take_line,
				.ctx = &t };

	buf_reset(why);
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.cancelled)
		return err_set(err, ERR_REFUSED, "cancelled: the client is gone");
	if (end.timed_out) {
		buf_reset(why);
		buf_adds(why, "it takes too long");
	}
	return end.code == 0 ? 0 : SKOPEO_FAILED;
}
