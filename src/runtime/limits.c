/* SPDX-License-Identifier: MIT */
#include "runtime/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#define SIZE_MAX_BYTES (1LL << 50)
#define CORES_MAX      100000

int64_t limits_parse_size(const char *text)
{
	static const struct {
		const char *suffix;
		double unit;
	} units[] = {
		{ "", 1 << 20 },   { "b", 1 },        { "k", 1 << 10 },
		{ "m", 1 << 20 },  { "g", 1 << 30 },  { "kb", 1 << 10 },
		{ "mb", 1 << 20 }, { "gb", 1 << 30 }, { "ki", 1 << 10 },
		{ "mi", 1 << 20 }, { "gi", 1 << 30 },
	};
	char *end;
	double n;

	/* Not what strtod knows besides: hexadecimal, exponents, infinity. */
	if (*text < '0' || *text > '9' || strpbrk(text, "xXeEpP"))
		return -1;
	errno = 0;
	n = strtod(text, &end);
	for (size_t i = 0; !errno && i < sizeof units / sizeof *units; i++)
		if (strcasecmp(end, units[i].suffix) == 0 &&
		    n * units[i].unit < (double)SIZE_MAX_BYTES)
			return (int64_t)(n * units[i].unit);
	return -1;
}

/* Thousandths; 0 for what is no number of cores. */
static int64_t cores(const char *text)
{
	double n = strtod(text, NULL);

	return n > 0 && n < CORES_MAX ? (int64_t)(n * 1000) : 0;
}

/* The process type's own value, else that of all. */
static int find(struct store *st, const struct app *app, const char *process,
		const char *what, char **value, struct err *err)
{
	AUTO_FREE char *own = xasprintf("%s.limit.%s", process, what);
	AUTO_FREE char *any = xasprintf("_default_.limit.%s", what);
	int rc = property_find(st, app->id, "resource", own, value, err);

	if (rc == STORE_NO_ROW)
		rc = property_find(st, app->id, "resource", any, value, err);
	return rc;
}

int limits_of(struct store *st, const struct app *app, const char *process,
	      struct limits *out, struct err *err)
{
	struct {
		const char *name;
		int64_t *to;
	} const fields[] = { { "memory", &out->memory },
			     { "memory-swap", &out->swap },
			     { "disk", &out->disk },
			     { "pids", &out->pids },
			     { "cpu", &out->cpu } };

	*out = (struct limits){ .memory = 0 };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		AUTO_FREE char *value = NULL;
		int rc = find(st, app, process, fields[i].name, &value, err);

		if (rc < 0)
			return -1;
		if (rc == STORE_NO_ROW)
			continue;
		if (fields[i].to == &out->cpu)
			*fields[i].to = cores(value);
		else if (fields[i].to == &out->pids)
			*fields[i].to = strtoll(value, NULL, 10);
		else
			*fields[i].to = limits_parse_size(value);
		if (*fields[i].to < 0)
			*fields[i].to = 0;
	}
	return 0;
}
