/* SPDX-License-Identifier: MIT */
/* nginx:build-config, :show-config, :validate-config, :set, :report. */
#include <string.h>
#include <sys/stat.h>

#include "command/rights.h"
#include "plugins/nginx/nginx.h"
#include "runtime/helper.h"
#include "serve/proxy.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

int nginx_cmd_build_config(struct request *req, struct err *err)
{
	return trigger(req->st, req->out, err, TRIGGER_PROXY_BUILD_CONFIG, req->app.name,
		       NULL) < 0
		       ? -1
		       : 0;
}

int nginx_cmd_show_config(struct request *req, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = proxy_current(req->app.name, &text, err);

	if (rc < 0)
		return -1;
	if (rc == FS_ABSENT) {
		(void)err_set(err, ERR_REFUSED, "No nginx.conf exists for %s",
			      req->app.name);
		return err_hint(err, "davit ps:report %s says whether it is deployed",
				req->app.name);
	}
	out_bytes(req->out, text.data, text.len);
	return 0;
}

/* An empty change tests the host's whole configuration; nothing is reloaded. */
int nginx_cmd_validate_config(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv apps = STRV_INIT;

	if (req->app.id != STORE_GLOBAL)
		strv_add(&apps, req->app.name);
	else if (request_apps(req, &apps, err) < 0)
		return -1;
	if (helper_one("nginx", json_pack("{s:[]}", "set"), NULL, err) < 0)
		return err_context(err, "nginx configuration is not valid");
	strv_foreach(app, &apps)
		out_line(req->out, "%s: nginx configuration is valid", app);
	return 0;
}

static bool is_log(const char *key)
{
	return strcmp(key, "access-log-path") == 0 || strcmp(key, "error-log-path") == 0;
}

int nginx_cmd_set(struct request *req, struct err *err)
{
	const char *key = req->argc > (req->global ? 0 : 1)
				  ? req->argv[req->global ? 0 : 1]
				  : "";

	const char *value = req->argc > (req->global ? 1 : 2)
				    ? req->argv[req->global ? 1 : 2]
				    : "";

	/* Any file there could be another app's log, and be read as this one's. */
	if (is_log(key) && !nginx_log_is_off(value) && *value &&
	    rights_to_set(req, key, err) < 0)
		return -1;
	if (settings_set(req, &nginx_settings, err) < 0)
		return -1;
	if (strncmp(key, "bind-address-", 13) == 0 && *value && !req->global)
		out_note(req->out,
			 "what is sent to %s reaches only the apps that have this "
			 "address",
			 value);
	if (strcmp(value, "/dev/stdout") == 0 || strcmp(value, "/dev/stderr") == 0)
		out_warn(req->out,
			 "nginx is a daemon of the host: what goes to %s is not kept",
			 value);
	if (strcmp(key, "nginx-service-command") == 0 && *value)
		out_warn(req->out, "kept, without effect: davit-root reloads nginx by a "
				   "signal");
	return 0;
}

/* Where nothing is set, a log has the app's name. */
static void name_log(struct report *r, const struct app *app, const char *kind)
{
	AUTO_FREE char *flag = xasprintf("nginx-computed-%s-log-path", kind);
	int at = strv_find(&r->flags, flag);

	if (at < 0 || r->values.v[at][0])
		return;
	free(r->values.v[at]);
	r->values.v[at] = nginx_usual_log(app->name, kind);
}

static void add_last_visit(struct report *r)
{
	int at = strv_find(&r->flags, "nginx-computed-access-log-path");
	struct stat st;

	if (at >= 0 && stat(r->values.v[at], &st) == 0)
		report_addf(r, "nginx-last-visited-at", "%lld", (long long)st.st_mtime);
	else
		report_add(r, "nginx-last-visited-at", "");
}

/* What nginx does for no app in particular is computed for none. */
static void drop_computed(struct report *r)
{
	for (size_t i = r->flags.len; i > 0; i--) {
		if (strncmp(r->flags.v[i - 1], "nginx-computed-", 15) != 0)
			continue;
		strv_remove(&r->flags, i - 1);
		strv_remove(&r->values, i - 1);
	}
}

static int fill(struct report *r, struct request *req, const struct app *app,
		struct err *err)
{
	if (settings_report(r, req->st, app, &nginx_settings, err) < 0)
		return -1;
	if (app->id == STORE_GLOBAL) {
		drop_computed(r);
		return 0;
	}
	name_log(r, app, "access");
	name_log(r, app, "error");
	add_last_visit(r);
	return 0;
}

int nginx_cmd_report(struct request *req, struct err *err)
{
	static const struct report_kind kind = {
		.title = "nginx",
		.prefix = "nginx-",
		.global = true,
		.fill = fill,
	};

	return report_run(req, &kind, err);
}
