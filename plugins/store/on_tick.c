/* SPDX-License-Identifier: MIT */
#include "plugins/store/store.h"
#include "store/copy.h"
#include "store/event.h"

/* A damaged store is found here at the latest, an hour after it was whole. */
int store_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	struct err ignored;

	(void)self;
	if (!copy_is_due() || copy_make(call->st, NULL, err) == 0)
		return 0;
	out_warn(call->to, "%s", err->text);
	if (err->hint[0])
		out_warn(call->to, "%s", err->hint);
	(void)event_add(call->st,
			&(struct event){ .app = "",
					 .actor = "davit",
					 .command = "store:copy",
					 .result = "failed",
					 .detail = err->text },
			&ignored);
	return 0;
}
