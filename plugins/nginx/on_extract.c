/* SPDX-License-Identifier: MIT */
/*
 * An app that brings its nginx.conf.sigil: it goes with the release, and is tried before
 * anything is built.
 */
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "runtime/helper.h"
#include "serve/template.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

/* Older names for what has another name now, and what nginx will not take much longer. */
static void warn_of_old(struct out *out, const char *text)
{
	static const struct {
		const char *old;
		const char *now;
	} names[] = {
		{ "DOKKU_APP_LISTENERS", "DOKKU_APP_WEB_LISTENERS" },
		{ "NGINX_SSL_PORT", "PROXY_SSL_PORT" },
		{ "NGINX_PORT", "PROXY_PORT" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strstr(text, names[i].old))
			out_warn(out, "Deprecated: %s in nginx.conf.sigil; write %s",
				 names[i].old, names[i].now);
	for (const char *at = text; (at = strstr(at, "listen")) != NULL; at += 6) {
		size_t len = strcspn(at, ";\n");
		const char *hit = strstr(at, " http2");

		if (!hit || hit > at + len || strncmp(at, "listen ", 7) != 0)
			continue;
		out_warn(out, "Deprecated: Usage of 'listen ... http2' within "
			      "nginx.conf.sigil templates is deprecated; write 'http2 "
			      "on;' where HTTP2_DIRECTIVE_SUPPORTED is true");
		return;
	}
}

/* Would nginx take the file?  Nothing is changed. */
static int test_file(const char *app, const char *text, struct err *err)
{
	return helper_one("nginx",
			  json_pack("{s:[{s:s, s:s}], s:b}", "set", "name", app, "text",
				    text, "test", 1),
			  NULL, err);
}

static int try_template(struct trigger_call *call, const struct app *app,
			const char *template, struct err *err)
{
	AUTO(vhost_release) struct vhost v = VHOST_INIT;
	AUTO(nginx_values_release) struct nginx_values set = { .v = { NULL } };
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv names = STRV_INIT;
	const struct custom_want want = { call->st, call->to, app, &v, &set };
	int rc = vhost_foresee(call->st, app, &v, err);

	/* A port of its own comes with the first deploy: then it is tried. */
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (nginx_values_load(call->st, app, &set, err) < 0 ||
	    nginx_add_lines(call->st, call->to, app->name, &v, err) < 0)
		return -1;
	if (nginx_render_custom(&want, template, &text, &names, err) == 0 &&
	    test_file(app->name, text.data, err) == 0)
		return 0;
	(void)err_context(err, "Custom nginx.conf.sigil failed nginx -t validation");
	if (err->kind == ERR_REFUSED)
		err->kind = ERR_APP;
	return err_hint(err,
			"mend it and push again, or do without it: davit nginx:set %s "
			"disable-custom-config true",
			app->name);
}

int nginx_on_extract(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(nginx_values_release) struct nginx_values set = { .v = { NULL } };
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct app app;
	bool ours;
	int rc = app_find(call->st, call->argv[0], &app, err);

	(void)self;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (nginx_values_load(call->st, &app, &set, err) < 0 ||
	    nginx_is_ours(call, app.name, &ours, err) < 0)
		return -1;
	rc = fs_read_beneath(call->argv[1], nginx_value(&set, "nginx-conf-sigil-path"),
			     TEMPLATE_TEXT_MAX, &text, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (strlen(text.data) != text.len)
		return err_set(err, ERR_APP, "nginx.conf.sigil holds a NUL byte");
	if (call->image && !call->image->nginx)
		call->image->nginx = xstrdup(text.data);
	if (!ours || strcmp(nginx_value(&set, "disable-custom-config"), "true") == 0)
		return 0;
	out_step(call->to, "Pre-validating custom nginx.conf.sigil");
	warn_of_old(call->to, text.data);
	return try_template(call, &app, text.data, err);
}
