/* SPDX-License-Identifier: MIT */
#include "store/event.h"

#include "util/clock.h"

int event_add(struct store *st, const struct event *e, struct err *err)
{
	return store_exec(st, err,
			  "INSERT INTO event(at, app, actor, command, result, detail)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
			  "isssss", clock_now(), e->app ? e->app : "", e->actor,
			  e->command, e->result, e->detail ? e->detail : "");
}
