/* SPDX-License-Identifier: MIT */
#include "runtime/budget.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "runtime/limits.h"
#include "store/app.h"
#include "store/formation.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

static int64_t host_memory(void)
{
	struct sysinfo si = { .mem_unit = 1 };

	(void)sysinfo(&si);
	return (int64_t)si.totalram * si.mem_unit;
}

static int add_app(struct store *st, const struct app *app, struct budget *b,
		   struct err *err)
{
	AUTO(json_at) json_t *types = NULL;
	AUTO_FREE char *on = NULL;
	const char *type;
	json_t *quantity;

	if (property_get(st, PROPERTY(app->id, "ps", "restore"), "true", &on, err) < 0 ||
	    formation_load(st, app->id, &types, err) < 0)
		return -1;
	if (strcmp(on, "false") == 0)
		return 0;
	json_object_foreach(types, type, quantity) {
		struct limits l;

		if (limits_of(st, app, type, &l, err) < 0)
			return -1;
		b->promised += json_integer_value(quantity) *
			       (l.memory_reserve ? l.memory_reserve : l.memory);
	}
	return 0;
}

int budget_of(struct store *st, struct budget *b, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	*b = (struct budget){ .host = host_memory() };
	/* Few apps have limits: the others are not looked at. */
	if (property_apps(st, "resource", "", &names, err) < 0)
		return -1;
	strv_foreach(name, &names) {
		struct app app;

		if (app_find(st, name, &app, err) == 0 && add_app(st, &app, b, err) < 0)
			return -1;
	}
	return 0;
}

int budget_check(struct store *st, struct out *out, bool strict, struct err *err)
{
	struct budget b;
	long long promised;
	long long host;

	if (budget_of(st, &b, err) < 0)
		return -1;
	if (b.promised <= b.host)
		return 0;
	promised = (long long)b.promised >> 20;
	host = (long long)b.host >> 20;
	if (strict) {
		(void)err_set(err, ERR_REFUSED,
			      "%lld MB would be promised to instances, and the host has "
			      "%lld MB: nothing was changed",
			      promised, host);
		return err_hint(err, "davit resource:report shows who has what");
	}
	out_warn(out,
		 "%lld MB are promised to instances now, and the host has %lld MB: "
		 "--strict would refuse that",
		 promised, host);
	return 0;
}
