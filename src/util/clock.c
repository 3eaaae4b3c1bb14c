/* SPDX-License-Identifier: MIT */
#include "util/clock.h"

#include <errno.h>
#include <time.h>

int64_t clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

int64_t clock_boot(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return clock_now() - (int64_t)t.tv_sec;
}

const char *clock_text(int64_t seconds, char out[CLOCK_TEXT])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	out[0] = '\0';
	if (!gmtime_r(&t, &tm) ||
	    strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0'; /* a year that does not fit */
	return out;
}

void clock_sleep_ms(int ms)
{
	struct timespec left = { .tv_sec = ms / 1000,
				 .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}
