/* SPDX-License-Identifier: MIT */
/* ps:report, ps:set and ps:inspect. */
#include <string.h>

#include "plugins/ps/ps.h"
#include "store/instance.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/jsonc.h"

static int is_policy(const char *key, const char *value, struct err *err)
{
	long times;

	if (strcmp(value, "no") == 0 || strcmp(value, "always") == 0 ||
	    strcmp(value, "unless-stopped") == 0 || strcmp(value, "on-failure") == 0)
		return 0;
	if (strncmp(value, "on-failure:", 11) == 0 &&
	    name_to_int(value + 11, 0, 10000, &times))
		return 0;
	return err_set(
		err, ERR_USAGE,
		"%s must be no, always, unless-stopped, on-failure or on-failure:<times>",
		key);
}

static const struct setting rows[] = {
	{ "dockerfile-start-cmd", "", SETTING_APP, NULL },
	{ "procfile-path", "Procfile", SETTING_BOTH, setting_is_path },
	{ "restart-policy", "on-failure:10", SETTING_BOTH, is_policy },
	{ "skip-deploy", "false", SETTING_BOTH, setting_is_bool },
	{ "start-cmd", "", SETTING_APP, NULL },
	{ "stop-timeout-seconds", "30", SETTING_BOTH, setting_is_seconds },
};

static const struct settings settings = {
	.plugin = "ps",
	.prefix = "ps-",
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
};

int ps_cmd_set(struct request *req, struct err *err)
{
	return settings_set(req, &settings, err);
}

static const char *status_of(const struct instance *in)
{
	switch (in->state) {
	case INSTANCE_STARTING: return "starting";
	case INSTANCE_READY: return in->unready ? "unready" : "running";
	case INSTANCE_DRAINING: return "stopping";
	case INSTANCE_CRASHED: return in->not_before ? "restarting" : "exited";
	}
	return "";
}

/* What has happened to it, once something has: "restarts-web.1", "last-exit-web.1". */
static void report_history(struct report *r, const struct instance *in)
{
	AUTO_FREE char *restarts = xasprintf("restarts-%s.%d", in->process, in->number);
	AUTO_FREE char *last = xasprintf("last-exit-%s.%d", in->process, in->number);
	char at[CLOCK_TEXT];

	if (in->state == INSTANCE_DRAINING || (!in->restarts && !in->exit_why[0]) ||
	    strv_find(&r->flags, restarts) >= 0)
		return;
	report_addf(r, restarts, "%d", in->restarts);
	if (in->exited_at)
		report_addf(r, last, "%s, %s", in->exit_why,
			    clock_text(in->exited_at, at));
	else
		report_add(r, last, in->exit_why);
}

/* One line per instance; of two with the same number the newer one counts. */
static int report_instances(struct report *r, struct store *st, const struct app *app,
			    struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;

	if (instance_list(st, app->id, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.len; i++) {
		const struct instance *in = &all.v[i];
		AUTO_FREE char *flag = xasprintf("status-%s.%d", in->process, in->number);
		AUTO_FREE char *value = xasprintf("%s (CID: %s)", status_of(in),
						  in->container);
		int at = strv_find(&r->flags, flag);

		if (at < 0) {
			report_add(r, flag, value);
		} else if (in->state != INSTANCE_DRAINING) {
			free(r->values.v[at]);
			r->values.v[at] = take_str(&value);
		}
		report_history(r, in);
	}
	return 0;
}

static int report_command(struct report *r, struct store *st, const struct app *app,
			  const char *key, struct err *err)
{
	AUTO_FREE char *own = NULL;
	AUTO_FREE char *computed = xasprintf("ps-computed-%s", key);

	if (property_get(st, PROPERTY(app->id, "ps", key), "", &own, err) < 0)
		return -1;
	report_add(r, computed, own);
	return 0;
}

static int report_app(struct report *r, struct request *req, const struct app *app,
		      struct err *err)
{
	static const char *const words[] = {
		[PS_STOPPED] = "false", [PS_RUNNING] = "true", [PS_MIXED] = "mixed"
	};
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *can_scale = NULL;
	enum ps_running state;
	bool wanted;
	int count;
	int rc = release_live(req->st, app->id, &live, err);

	if (rc < 0 || ps_wanted(req->st, app->id, &wanted, err) < 0 ||
	    ps_state(req->st, app->id, rc == 0 ? &live : NULL, &state, &count, err) < 0 ||
	    property_get(req->st, PROPERTY(app->id, "ps", "can-scale"), "true",
			 &can_scale, err) < 0 ||
	    report_instances(r, req->st, app, err) < 0 ||
	    report_command(r, req->st, app, "start-cmd", err) < 0 ||
	    report_command(r, req->st, app, "dockerfile-start-cmd", err) < 0)
		return -1;
	report_add_bool(r, "deployed", rc == 0);
	report_addf(r, "processes", "%d", count);
	report_add(r, "running", words[state]);
	report_add_bool(r, "restore", wanted);
	report_add(r, "ps-can-scale", can_scale);
	return 0;
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	if (app->id != STORE_GLOBAL && report_app(r, req, app, err) < 0)
		return -1;
	return settings_report(r, req->st, app, &settings, err);
}

int ps_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = { .title = "ps",
						 .prefix = "ps-",
						 .both_keys = true,
						 .global = true,
						 .fill = fill };

	return report_run(req, &kind, err);
}

static json_t *describe(const struct instance *in)
{
	return json_pack(
		"{s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:i, s:s, s:I, s:I, s:I}", "id",
		in->container, "process_type", in->process, "number", in->number, "state",
		instance_state_name(in->state), "address", in->address, "pid", in->pid,
		"restarts", in->restarts, "exit_code", in->exit_code, "exit_why",
		in->exit_why, "changed_at", (json_int_t)in->changed_at, "exited_at",
		(json_int_t)in->exited_at, "not_before", (json_int_t)in->not_before);
}

int ps_cmd_inspect(struct request *req, struct err *err)
{
	AUTO(instances_release) struct instances all = INSTANCES_INIT;
	AUTO(json_at) json_t *list = json_array();
	AUTO_FREE char *text = NULL;

	if (instance_list(req->st, req->app.id, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.len; i++)
		(void)json_array_append_new(list, describe(&all.v[i]));
	text = json_dumps(list, JSON_INDENT(4));
	out_line(req->out, "%s", text ? text : "[]");
	return 0;
}
