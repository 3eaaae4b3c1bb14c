/* SPDX-License-Identifier: MIT */
/* From the store and the plugins to one file in place. */
#include <dirent.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "runtime/helper.h"
#include "serve/domains.h"
#include "serve/proxy.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { SNIPPET_MAX = 256 << 10 };

/* Written for those who look for it, never read back: nginx:set says what is in it. */
#define HSTS_FILE "hsts.conf"
#define HSTS_MARK "# written by davit: see davit nginx:set\n"

static int is_snippet(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && strcmp(e->d_name, HSTS_FILE) != 0 && n > 5 &&
	       strcmp(e->d_name + n - 5, ".conf") == 0;
}

static void dirents_release(struct dirent ***list)
{
	for (struct dirent **e = *list; e && *e; e++)
		free(*e);
	free((void *)*list);
}

/* Files of the administrator, and of plugins written for Dokku:
 * DOKKU_ROOT/APP/nginx.conf.d/NAME.conf, in byte order. */
static int add_snippets(const char *app, struct buf *lines, struct err *err)
{
	const char *home = getenv("DOKKU_ROOT");
	AUTO_FREE char *dir = paths_in(home ? home : "/home/davit", "%s/nginx.conf.d",
				       app);
	AUTO(dirents_release) struct dirent **list = NULL;
	int n = scandir(dir, &list, is_snippet, alphasort);

	if (n < 0)
		return 0;
	for (int i = 0; i < n; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO_FREE char *path = paths_in(dir, "%s", list[i]->d_name);

		free(list[i]);
		list[i] = NULL;
		if (fs_read(path, SNIPPET_MAX, &text, err) < 0)
			return -1;
		if (nginx_lines_check(text.data, err) < 0)
			return err_context(err, "%s", path);
		buf_addf(lines, "%s\n", text.data);
	}
	return 0;
}

static int add_plugin_lines(struct store *st, struct out *out, const char *app,
			    struct buf *lines, struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (trigger_ask(st, out, &text, err, TRIGGER_NGINX_CONFIG_LINES, app, NULL) < 0)
		return -1;
	if (!text || !text[0])
		return 0;
	if (nginx_lines_check(text, err) < 0)
		return err_context(err, "lines of a plugin for %s", app);
	buf_addf(lines, "%s\n", text);
	return 0;
}

/* A mapping that cannot be served is said, and left out. */
static void warn_left_out(struct out *out, const struct vhost *v)
{
	for (size_t i = 0; i < v->port_count; i++) {
		const struct port_map *m = &v->ports[i];

		if (nginx_serves(v, m) || !out)
			continue;
		if (m->clash)
			out_warn(out,
				 "Ignoring %s:%ld:%ld: port %ld of this host speaks %s, "
				 "to every app on it; next: davit ports:report %s",
				 m->scheme, m->host, m->container, m->host,
				 speech_name(m->clash), v->app);
		else if (!v->tls && (strcmp(m->scheme, "https") == 0 ||
				     strcmp(m->scheme, "grpcs") == 0))
			out_warn(out,
				 "Ignoring %s:%ld:%ld: %s has no certificate; next: "
				 "davit certs:add %s CRT KEY",
				 m->scheme, m->host, m->container, v->app, v->app);
		else
			out_warn(out, "Ignoring %s:%ld:%ld: nginx does not serve that",
				 m->scheme, m->host, m->container);
	}
}

int nginx_add_lines(struct store *st, struct out *out, const char *app, struct vhost *v,
		    struct err *err)
{
	return add_plugin_lines(st, out, app, &v->lines, err) < 0
		       ? -1
		       : add_snippets(app, &v->lines, err);
}

/* Is the release's own template in force? */
static bool is_custom(const struct vhost *v, const struct nginx_values *set,
		      struct out *out)
{
	if (!v->custom || v->down ||
	    strcmp(nginx_value(set, "disable-custom-config"), "true") == 0)
		return false;
	if (v->root && out)
		out_warn(out, "nginx.conf.sigil is not used: nginx serves the files of "
			      "this site itself, and no process answers");
	return !v->root;
}

int nginx_text(struct store *st, struct out *out, const struct app *app, struct buf *text,
	       struct strv *names, struct err *err)
{
	AUTO(vhost_release) struct vhost v = VHOST_INIT;
	AUTO(nginx_values_release) struct nginx_values set = { .v = { NULL } };
	const struct custom_want want = { st, out, app, &v, &set };
	int rc = vhost_load(st, app, &v, err);

	if (rc != 0)
		return rc;
	if (nginx_values_load(st, app, &set, err) < 0 ||
	    nginx_add_lines(st, out, app->name, &v, err) < 0)
		return -1;
	if (!v.down)
		warn_left_out(out, &v);
	if (!is_custom(&v, &set, out)) {
		nginx_render(&v, &set, text);
		return v.down ? NGINX_DOWN : 0;
	}
	if (out)
		out_step(out,
			 "Overriding default nginx.conf with detected nginx.conf.sigil");
	return nginx_render_custom(&want, v.custom, text, names, err);
}

static int render_hsts(struct store *st, const struct app *app, struct buf *text,
		       struct err *err)
{
	AUTO(vhost_release) struct vhost v = VHOST_INIT;
	AUTO(nginx_values_release) struct nginx_values set = { .v = { NULL } };
	int rc = vhost_load(st, app, &v, err);

	if (rc != 0 || nginx_values_load(st, app, &set, err) < 0)
		return rc == VHOST_NOTHING ? 0 : -1;
	buf_adds(text, HSTS_MARK);
	if (!nginx_render_hsts(&v, &set, text))
		buf_reset(text);
	return 0;
}

static int show_hsts(struct store *st, struct out *out, const struct app *app,
		     struct err *err)
{
	AUTO_FREE char *home = paths_in(plugin_home(), "%s", app->name);
	AUTO_FREE char *dir = paths_in(home, "nginx.conf.d");
	AUTO_FREE char *path = paths_in(dir, HSTS_FILE);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf there = BUF_INIT;

	if (render_hsts(st, app, &text, err) < 0)
		return -1;
	if (text.len && out)
		out_note(out, "Enabling HSTS");
	if (!fs_is_dir(home) || fs_read(path, SNIPPET_MAX, &there, err) < 0 ||
	    strcmp(there.data, text.data) == 0)
		return 0;
	if (!text.len) {
		if (strncmp(there.data, HSTS_MARK, strlen(HSTS_MARK)) == 0)
			(void)unlink(path);
		return 0;
	}
	return fs_mkdirs(dir, 0755, err) < 0
		       ? -1
		       : fs_write_atomic(path, text.data, text.len, 0644, err);
}

int nginx_build(struct store *st, struct out *out, const struct app *app,
		const char *formerly, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv names = STRV_INIT;
	struct proxy_change change[] = { { .app = app->name }, { .app = formerly } };
	int rc = nginx_text(st, out, app, &text, &names, err);
	bool down;

	if (rc < 0)
		return err_context(err, "nginx configuration of %s", app->name);
	down = rc == NGINX_DOWN;
	if (rc == 0 || down)
		change[0].text = text.data;
	if (rc == 0 &&
	    trigger(st, out, err, TRIGGER_NGINX_PRE_RELOAD, app->name, "", "", NULL) < 0)
		return -1;
	rc = proxy_apply(helper_one, change, formerly ? 2 : 1, err);
	if (rc < 0)
		return err_context(err, "nginx configuration of %s", app->name);
	if (domains_claim(st, app->id, &names, err) < 0 ||
	    show_hsts(st, out, app, err) < 0)
		return -1;
	return down ? PROXY_UNCHANGED : rc;
}

int nginx_clear(const char *app, struct err *err)
{
	struct proxy_change change = { .app = app };

	return proxy_apply(helper_one, &change, 1, err) < 0 ? -1 : 0;
}
