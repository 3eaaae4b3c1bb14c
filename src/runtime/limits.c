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
#define DEFAULT_MEMORY (1LL << 30) /* of an app's container in davit-root's policy */

enum limit_unit { LIMIT_SIZE, LIMIT_NUMBER, LIMIT_CORES };

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

/* A bound of memory and swap together is asked for; it is a bound of swap that is told. */
static int64_t swap_of(int64_t both, int64_t memory)
{
	int64_t of_memory = memory ? memory : DEFAULT_MEMORY;

	return both > of_memory ? both - of_memory : 0;
}

static int64_t parse(enum limit_unit unit, const char *text)
{
	switch (unit) {
	case LIMIT_CORES: return cores(text);
	case LIMIT_NUMBER: return strtoll(text, NULL, 10);
	case LIMIT_SIZE: return limits_parse_size(text);
	}
	return 0;
}

/* The process type's own value, else that of all. */
static int find(struct store *st, const struct app *app, const char *process,
		const char *what, char **value, struct err *err)
{
	AUTO_FREE char *own = xasprintf("%s.%s", process, what);
	AUTO_FREE char *any = xasprintf("_default_.%s", what);
	int rc = property_find(st, app->id, "resource", own, value, err);

	/* What instances have is no word about builds. */
	if (rc == STORE_NO_ROW && strcmp(process, "build") != 0)
		rc = property_find(st, app->id, "resource", any, value, err);
	return rc;
}

int limits_of(struct store *st, const struct app *app, const char *process,
	      struct limits *out, struct err *err)
{
	int64_t both = 0;
	struct {
		const char *name;
		int64_t *to;
		enum limit_unit unit;
	} const fields[] = {
		{ "limit.memory", &out->memory, LIMIT_SIZE },
		{ "limit.memory-swap", &both, LIMIT_SIZE },
		{ "limit.disk", &out->disk, LIMIT_SIZE },
		{ "limit.pids", &out->pids, LIMIT_NUMBER },
		{ "limit.cpu", &out->cpu, LIMIT_CORES },
		/* Of the general and the direction's own the latter counts. */
		{ "limit.network", &out->rate_in, LIMIT_SIZE },
		{ "limit.network", &out->rate_out, LIMIT_SIZE },
		{ "limit.network-ingress", &out->rate_in, LIMIT_SIZE },
		{ "limit.network-egress", &out->rate_out, LIMIT_SIZE },
		{ "reserve.memory", &out->memory_reserve, LIMIT_SIZE },
		{ "reserve.cpu", &out->cpu_reserve, LIMIT_CORES },
	};

	*out = (struct limits){ .memory = 0 };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		AUTO_FREE char *value = NULL;
		int rc = find(st, app, process, fields[i].name, &value, err);

		if (rc < 0)
			return -1;
		if (rc == STORE_NO_ROW)
			continue;
		*fields[i].to = parse(fields[i].unit, value);
		if (*fields[i].to < 0)
			*fields[i].to = 0;
	}
	out->swap = swap_of(both, out->memory);
	return 0;
}
