/* SPDX-License-Identifier: MIT */
#include "plugin/trace.h"

#include "util/buf.h"
#include "util/cleanup.h"
#include "util/clock.h"

void trace_start(struct trace *t, const struct plugin *p, const struct trigger_call *call)
{
	*t = (struct trace){ .plugin = p, .call = call };
	if (call->to && call->to->trace)
		t->since = clock_ms();
}

void trace_end(struct trace *t, int verdict)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	if (!t->since || verdict == TRIGGER_DECLINED)
		return;
	buf_addf(&b, " ?     %s: %s", t->plugin->name, trigger_name(t->call->id));
	for (const char *const *w = t->call->argv; *w; w++)
		buf_addf(&b, " %s", *w);
	buf_addf(&b, ": %s in %d ms", verdict < 0 ? "refused" : "ok",
		 (int)(clock_ms() - t->since));
	out_error_line(t->call->to, b.data);
}
