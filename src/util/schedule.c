/* SPDX-License-Identifier: MIT */
#include "util/schedule.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"
#include "util/strv.h"

enum { FIELDS = 5, TEXT_MAX = 512 };

struct field {
	const char *what;
	int min;
	int max;
	const char *names; /* three letters each, from `min` on; or NULL */
};

static const struct field fields[FIELDS] = {
	{ "minute", 0, 59, NULL },
	{ "hour", 0, 23, NULL },
	{ "day", 1, 31, NULL },
	{ "month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
	{ "weekday", 0, 7, "sunmontuewedthufrisat" },
};

static const char *const macros[][2] = {
	{ "@annually", "0 0 1 1 *" }, { "@daily", "0 0 * * *" },
	{ "@hourly", "0 * * * *" },   { "@midnight", "0 0 * * *" },
	{ "@monthly", "0 0 1 * *" },  { "@weekly", "0 0 * * 0" },
	{ "@yearly", "0 0 1 1 *" },
};

static bool number(const struct field *f, const char *text, int *out)
{
	size_t count = f->names ? strlen(f->names) / 3 : 0;
	long n;

	if (name_to_int(text, f->min, f->max, &n)) {
		*out = (int)n;
		return true;
	}
	for (size_t i = 0; i < count; i++)
		if (strlen(text) == 3 && strncasecmp(text, f->names + 3 * i, 3) == 0) {
			*out = f->min + (int)i;
			return true;
		}
	return false;
}

/* "*", "5", "1-5", each with "/2" behind it. */
static bool add_part(const struct field *f, char *part, uint64_t *bits)
{
	char *slash = strchr(part, '/');
	char *dash;
	long step = 1;
	int from = f->min;
	int to = f->max;

	if (slash) {
		*slash = '\0';
		if (!name_to_int(slash + 1, 1, f->max, &step))
			return false;
	}
	if (strcmp(part, "*") != 0) {
		dash = strchr(part, '-');
		if (dash)
			*dash = '\0';
		if (!number(f, part, &from) || (dash && !number(f, dash + 1, &to)))
			return false;
		if (!dash && !slash)
			to = from;
	}
	if (from > to)
		return false;
	for (int n = from; n <= to; n += (int)step)
		*bits |= UINT64_C(1) << n;
	return true;
}

static int parse_field(const struct field *f, const char *text, uint64_t *bits,
		       struct err *err)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *at = copy;
	char *part;

	*bits = 0;
	while ((part = strsep(&at, ",")) != NULL)
		if (!add_part(f, part, bits))
			return err_set(err, ERR_USAGE,
				       "'%.60s' is no %s of a schedule (%d to %d)", text,
				       f->what, f->min, f->max);
	return 0;
}

static const char *expanded(const char *text)
{
	for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
		if (strcasecmp(text, macros[i][0]) == 0)
			return macros[i][1];
	return text;
}

int schedule_parse(const char *text, struct schedule *s, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	uint64_t *const to[FIELDS] = { &s->minutes, &s->hours, &s->days, &s->months,
				       &s->weekdays };

	*s = (struct schedule){ .minutes = 0 };
	if (strlen(text) <= TEXT_MAX)
		strv_split(&words, expanded(text), " \t");
	if (words.len != FIELDS) {
		(void)err_set(err, ERR_USAGE, "'%.80s' is no schedule", text);
		return err_hint(err,
				"minute hour day month weekday, such as '5 4 * * *', or "
				"@hourly, @daily, @weekly, @monthly, @yearly");
	}
	for (size_t i = 0; i < FIELDS; i++)
		if (parse_field(&fields[i], words.v[i], to[i], err) < 0)
			return -1;
	if (s->weekdays & UINT64_C(1) << 7)
		s->weekdays |= 1;
	s->any_day = words.v[2][0] == '*';
	s->any_weekday = words.v[4][0] == '*';
	return 0;
}

static bool has(uint64_t bits, int n)
{
	return bits >> n & 1;
}

bool schedule_is_due(const struct schedule *s, const struct tm *at)
{
	bool day = has(s->days, at->tm_mday);
	bool weekday = has(s->weekdays, at->tm_wday);

	if (!has(s->minutes, at->tm_min) || !has(s->hours, at->tm_hour) ||
	    !has(s->months, at->tm_mon + 1))
		return false;
	/* Both fields restricted: either will do, as cron has always done. */
	return s->any_day || s->any_weekday ? day && weekday : day || weekday;
}
