/* SPDX-License-Identifier: MIT */
#include "util/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* Labels of lower case letters, digits and inner hyphens, joined by single dots. */
static bool is_labels(const char *s, size_t max)
{
	size_t label = 0;
	size_t i;

	for (i = 0; s[i]; i++) {
		if (i >= max)
			return false;
		if (s[i] == '.') {
			if (label == 0 || s[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!is_lower(s[i]) && !is_digit(s[i]) && !(s[i] == '-' && label))
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0 && s[i - 1] != '-';
}

bool name_is_app(const char *s)
{
	return is_labels(s, APP_NAME_MAX);
}

bool name_is_domain(const char *s)
{
	if (strncmp(s, "*.", 2) == 0)
		s += 2;
	return is_labels(s, 253);
}

bool name_is_process(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++)
		if (i >= PROC_TYPE_MAX ||
		    (!is_alpha(s[i]) && !is_digit(s[i]) && s[i] != '_' && s[i] != '-'))
			return false;
	return i > 0;
}

bool name_is_env(const char *s)
{
	size_t i;

	if (!is_alpha(s[0]) && s[0] != '_')
		return false;
	for (i = 0; s[i]; i++)
		if (i >= 255 || (!is_alpha(s[i]) && !is_digit(s[i]) && s[i] != '_'))
			return false;
	return true;
}

bool name_is_id(const char *s)
{
	size_t i;

	if (!is_alpha(s[0]) && !is_digit(s[0]))
		return false;
	for (i = 0; s[i]; i++)
		if (i >= 160 || (!is_alpha(s[i]) && !is_digit(s[i]) && s[i] != '_' &&
				 s[i] != '-' && s[i] != '.'))
			return false;
	return !strstr(s, "..");
}

bool name_to_int(const char *s, long min, long max, long *out)
{
	char *end;
	long n;

	if (!is_digit(s[0]) && !(s[0] == '-' && is_digit(s[1])))
		return false;
	errno = 0;
	n = strtol(s, &end, 10);
	if (errno || *end || n < min || n > max)
		return false;
	*out = n;
	return true;
}
