/* SPDX-License-Identifier: MIT */
#include "util/since.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/name.h"

static long unit_of(char c)
{
	switch (c) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return 86400;
	case 'w': return 7 * 86400;
	default: return 0;
	}
}

static bool parse_ago(const char *text, int64_t now, int64_t *since)
{
	char number[16];
	size_t len = strlen(text);
	long n;

	if (len < 2 || len > sizeof number || !unit_of(text[len - 1]))
		return false;
	(void)snprintf(number, sizeof number, "%.*s", (int)len - 1, text);
	if (!name_to_int(number, 0, 100000000, &n))
		return false;
	*since = now - (int64_t)n * unit_of(text[len - 1]);
	return true;
}

static bool parse_date(const char *text, int64_t *since)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
					     "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm tm = { .tm_mday = 1 };
		const char *end = strptime(text, forms[i], &tm);

		if (!end || *end)
			continue;
		*since = timegm(&tm);
		return true;
	}
	return false;
}

int since_parse(const char *text, int64_t now, int64_t *since, struct err *err)
{
	long n;

	if (parse_ago(text, now, since) || parse_date(text, since))
		return 0;
	if (name_to_int(text, 0, 100000000000L, &n)) {
		*since = n;
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "'%.60s' is no moment", text);
	return err_hint(err, "30m, 12h, 7d, 2026-11-23, or 2026-11-23T05:00:00Z");
}
