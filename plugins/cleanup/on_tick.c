/* SPDX-License-Identifier: MIT */
/* Once a day, in a process of its own: trees of a hundred thousand files take a while. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/cleanup/cleanup.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/paths.h"
#include "util/proc.h"

enum { DAY_S = 24 * 3600 };

int cleanup_on_tick(const struct plugin *self, struct trigger_call *call, struct err *err)
{
	AUTO_FREE char *davit = paths_davit();
	AUTO_FREE char *daily = NULL;
	AUTO_FREE char *last = NULL;
	AUTO_FREE char *now = xasprintf("%lld", (long long)clock_now());
	const char *const argv[] = { davit, "--quiet", "cleanup", NULL };
	int64_t since;

	(void)self;
	if (property_get(call->st, PROPERTY(STORE_GLOBAL, "cleanup", "daily"), "true",
			 &daily, err) < 0 ||
	    property_get(call->st, PROPERTY(STORE_GLOBAL, "cleanup", "last"), "", &last,
			 err) < 0)
		return -1;
	since = clock_now() - strtoll(last, NULL, 10);
	if (strcmp(daily, "true") != 0 || (*last && since >= 0 && since < DAY_S))
		return 0;
	if (property_set(call->st, STORE_GLOBAL, "cleanup", "last", now, err) < 0)
		return -1;
	/* The first day of a host has nothing to clean. */
	return *last ? proc_detach(argv, (const char *const *)environ, err) : 0;
}
