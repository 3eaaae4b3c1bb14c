/* SPDX-License-Identifier: MIT */
/*
 * When a cron line is due: five fields (minute, hour, day, month, weekday) with lists,
 * ranges, steps and English names, or one of @hourly, @daily, @midnight, @weekly,
 * @monthly, @yearly, @annually.
 */
#ifndef DAVIT_UTIL_SCHEDULE_H
#define DAVIT_UTIL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "util/err.h"

struct schedule {
	uint64_t minutes;
	uint64_t hours;
	uint64_t days;
	uint64_t months;
	uint64_t weekdays; /* 0 is Sunday */
	bool any_day;      /* the field is '*': only the other one counts */
	bool any_weekday;
};

/* ERR_USAGE names the field that is wrong. */
int schedule_parse(const char *text, struct schedule *s, struct err *err);
/* Is this minute of local time one of it? */
bool schedule_is_due(const struct schedule *s, const struct tm *at);

#endif
