/* SPDX-License-Identifier: MIT */
#include "plugins/events/events.h"
#include "store/event.h"

/* Some 2 MB: years of a small host, weeks of a busy one. */
enum { KEPT = 10000 };

int events_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	(void)self;
	return event_prune(call->st, KEPT, err);
}
