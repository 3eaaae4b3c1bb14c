/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "command/report.h"
#include "plugins/resource/resource.h"
#include "runtime/budget.h"
#include "runtime/helper.h"
#include "runtime/limits.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

static const char *const resources[] = { "cpu",
					 "disk",
					 "memory",
					 "memory-swap",
					 "network",
					 "network-ingress",
					 "network-egress",
					 "nvidia-gpu",
					 "pids" };
#define RESOURCES (sizeof resources / sizeof *resources)

/* "limit" or "reserve", from the command's name. */
static const char *kind_of(const struct request *req)
{
	return strstr(req->command->name, ":limit") ? "limit" : "reserve";
}

static int type_of(const struct request *req, const char **type, struct err *err)
{
	const char *given = request_value(req, "process-type");

	*type = given ? given : "_default_";
	if (name_is_process(*type))
		return 0;
	return err_set(err, ERR_USAGE, "'%.80s' is no process type", *type);
}

static int check(const char *resource, const char *value, struct err *err)
{
	char *end;

	if (!*value || strcmp(value, "clear") == 0)
		return 0;
	if (strcmp(resource, "cpu") == 0) {
		double n = strtod(value, &end);

		if (*end || n < 0.01 || n > 1024)
			return err_set(
				err, ERR_USAGE,
				"cpu must be a number of cores, such as 0.5 or 2, not "
				"%.60s",
				value);
		return 0;
	}
	if (strcmp(resource, "pids") == 0 || strcmp(resource, "nvidia-gpu") == 0) {
		long n;

		if (!name_to_int(value, 1, 1L << 22, &n))
			return err_set(err, ERR_USAGE, "%s must be a number, not %.60s",
				       resource, value);
		return 0;
	}
	if (limits_parse_size(value) < 0)
		return err_set(err, ERR_USAGE,
			       "%s must be a size, such as 512m or 2g, not %.60s",
			       resource, value);
	return 0;
}

static int show(struct request *req, const char *type, struct err *err)
{
	out_title(req->out, "resource %ss %s information%s%s", kind_of(req),
		  req->app.name, strcmp(type, "_default_") ? " for " : " (defaults)",
		  strcmp(type, "_default_") ? type : "");
	for (size_t i = 0; i < RESOURCES; i++) {
		AUTO_FREE char *key = xasprintf("%s.%s.%s", type, kind_of(req),
						resources[i]);
		AUTO_FREE char *value = NULL;
		int rc = property_find(req->st, req->app.id, "resource", key, &value,
				       err);

		if (rc < 0)
			return -1;
		out_line(req->out, "       %s: %s", resources[i], rc == 0 ? value : "");
	}
	return 0;
}

static int set_one(struct request *req, const char *type, const char *resource,
		   const char *value, struct err *err)
{
	AUTO_FREE char *key = xasprintf("%s.%s.%s", type, kind_of(req), resource);

	if (!*value || strcmp(value, "clear") == 0)
		return property_unset(req->st, req->app.id, "resource", key, err);
	out_note(req->out, "%s: %s", resource, value);
	return property_set(req->st, req->app.id, "resource", key, value, err);
}

static int set_all(struct request *req, const char *type, struct err *err)
{
	for (size_t i = 0; i < RESOURCES; i++) {
		const char *value = request_value(req, resources[i]);

		if (value && set_one(req, type, resources[i], value, err) < 0)
			return -1;
	}
	return 0;
}

/* A limit that this host cannot keep is said at once, not found out later. */
static void tell_effect(struct request *req)
{
	json_t *info = NULL;
	struct err ignored;

	if (request_value(req, "nvidia-gpu"))
		out_warn(req->out, "nvidia-gpu is kept, and has no effect here");
	if (!request_value(req, "network") && !request_value(req, "network-ingress") &&
	    !request_value(req, "network-egress"))
		return;
	if (strcmp(kind_of(req), "reserve") == 0)
		out_warn(req->out, "bandwidth is limited, and cannot be reserved: "
				   "resource:limit");
	else if (helper_one("info", NULL, &info, &ignored) == 0 &&
		 !json_is_true(json_object_get(info, "rates")))
		out_warn(req->out, "this kernel cannot limit bandwidth (sch_tbf): the "
				   "value is kept, and has no effect");
	json_decref(info);
}

int resource_cmd_change(struct request *req, struct err *err)
{
	const char *type;
	bool any = false;

	if (type_of(req, &type, err) < 0)
		return -1;
	for (size_t i = 0; i < RESOURCES; i++) {
		const char *value = request_value(req, resources[i]);

		any |= value != NULL;
		if (value && check(resources[i], value, err) < 0)
			return -1;
	}
	if (!any)
		return show(req, type, err);
	out_title(req->out, "Setting resource %ss for %s%s%s", kind_of(req),
		  req->app.name, strcmp(type, "_default_") ? " process " : "",
		  strcmp(type, "_default_") ? type : "");
	if (store_begin(req->st, err) < 0)
		return -1;
	if (set_all(req, type, err) < 0 ||
	    budget_check(req->st, req->out, request_flag(req, "strict"), err) < 0) {
		store_rollback(req->st);
		return -1;
	}
	if (store_commit(req->st, err) < 0)
		return -1;
	tell_effect(req);
	return 0;
}

int resource_cmd_clear(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;
	AUTO_FREE char *prefix = NULL;
	const char *type;

	if (type_of(req, &type, err) < 0)
		return -1;
	prefix = xasprintf("%s.%s.", type, kind_of(req));
	if (property_keys(req->st, req->app.id, "resource", prefix, &keys, err) < 0)
		return -1;
	out_title(req->out, "clearing %ss for %s%s%s", kind_of(req), req->app.name,
		  strcmp(type, "_default_") ? " process " : "",
		  strcmp(type, "_default_") ? type : "");
	strv_foreach(key, &keys)
		if (property_unset(req->st, req->app.id, "resource", key, err) < 0)
			return -1;
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(req->st, app->id, "resource", "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO_FREE char *flag = xasprintf("resource-%s", key);
		AUTO_FREE char *value = NULL;

		if (property_get(req->st, PROPERTY(app->id, "resource", key), "", &value,
				 err) < 0)
			return -1;
		report_add(r, flag, value);
	}
	return 0;
}

int resource_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "resource",
						 .prefix = "resource-",
						 .both_keys = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}
