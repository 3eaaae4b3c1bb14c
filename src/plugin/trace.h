/* SPDX-License-Identifier: MIT */
/* What --trace shows of triggers: handler, words, time, verdict. */
#ifndef DAVIT_PLUGIN_TRACE_H
#define DAVIT_PLUGIN_TRACE_H

#include <stdint.h>

#include "plugin/plugin.h"

struct trace {
	const struct plugin *plugin;
	const struct trigger_call *call;
	int64_t since; /* clock_ms, or 0 when nothing is traced */
};

void trace_start(struct trace *t, const struct plugin *p,
		 const struct trigger_call *call);
void trace_end(struct trace *t, int verdict);
/* `p` is not run: `by` stands in for it. */
void trace_replaced(const struct plugin *p, const struct trigger_call *call,
		    const struct plugin *by);

#endif
