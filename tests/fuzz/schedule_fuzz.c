/* SPDX-License-Identifier: MIT */
/* Cron lines of app.json, which whoever pushes may write. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	struct tm at = { .tm_mday = 1 };
	struct schedule s;
	struct err err;

	if (schedule_parse(text, &s, &err) < 0)
		return 0;
	/* What was taken is within the clock and has something in every field. */
	if (!s.minutes || s.minutes >> 60 || !s.hours || s.hours >> 24 || !s.days ||
	    s.days >> 32 || s.days & 1 || !s.months || s.months >> 13 || s.months & 1 ||
	    !s.weekdays || s.weekdays >> 8)
		abort();
	(void)schedule_is_due(&s, &at);
	return 0;
}
