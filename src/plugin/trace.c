/* SPDX-License-Identifier: MIT */
#include "plugin/trace.h"

#include <string.h>

#include "plugin/exec.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"

static void show(const struct trace *t, const char *end)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	bool secret = t->call->id == TRIGGER_CONFIG_SET;

	buf_addf(&b, " ?     %s: %s", t->plugin->name, trigger_name(t->call->id));
	for (const char *const *w = t->call->argv; *w; w++) {
		size_t n = strcspn(*w, "=");

		/* Values of variables are nobody's to read. */
		if (secret && (*w)[n])
			buf_addf(&b, " %.*s=***", (int)n, *w);
		else
			buf_addf(&b, " %s", **w ? *w : "''");
	}
	buf_addf(&b, ": %s", end);
	out_error_line(t->call->to, b.data);
}

void trace_start(struct trace *t, const struct plugin *p, const struct trigger_call *call)
{
	*t = (struct trace){ .plugin = p, .call = call };
	/* Every command looks at its files: that is nobody's news. */
	if (!call->to || !call->to->trace || call->id == TRIGGER_VIEWS)
		return;
	t->since = clock_ms();
	/* One that hangs has to be seen while it does. */
	if (p->dir && exec_listens(p, trigger_name(call->id)))
		show(t, "starts");
}

void trace_end(struct trace *t, int verdict)
{
	char end[64];

	if (!t->since || verdict == TRIGGER_DECLINED)
		return;
	(void)snprintf(end, sizeof end, "%s in %d ms", verdict < 0 ? "refused" : "ok",
		       (int)(clock_ms() - t->since));
	show(t, end);
}

void trace_replaced(const struct plugin *p, const struct trigger_call *call,
		    const struct plugin *by)
{
	const struct trace t = { .plugin = p, .call = call };
	char end[128];

	if (!call->to || !call->to->trace)
		return;
	(void)snprintf(end, sizeof end, "%.100s stands in for it", by->name);
	show(&t, end);
}
