/* SPDX-License-Identifier: MIT */
/* An app's own nginx.conf.sigil: what it sees, and how its text becomes the app's file. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "serve/domains.h"
#include "serve/template.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"

static void put(json_t *vars, const char *name, const char *value)
{
	(void)json_object_set_new(vars, name, json_string(value ? value : ""));
}

static void put_taken(json_t *vars, const char *name, char *value)
{
	put(vars, name, value);
	free(value);
}

/* --- what does not change while the host does not ------------------------------------------ */

/* "http2 on;" came with nginx 1.25.1. */
static bool has_http2_directive(void)
{
	static const char *const argv[] = { "/usr/sbin/nginx", "-v", NULL };
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc_end end;
	struct err ignored;
	struct proc p = { .argv = argv,
			  .env = proc_plain_env,
			  .flags = PROC_MERGE,
			  .timeout_ms = 5000,
			  .out = &said };
	const char *version;
	long n[3] = { 0 };
	char *at;

	if (proc_run(&p, &end, &ignored) < 0 || end.code != 0)
		return false;
	version = strstr(said.data, "nginx/");
	at = version ? (char *)version + strlen("nginx/") : said.data;
	for (size_t i = 0; i < 3; i++) {
		n[i] = strtol(at, &at, 10);
		at += *at == '.';
	}
	return n[0] > 1 || (n[0] == 1 && (n[1] > 25 || (n[1] == 25 && n[2] >= 1)));
}

static void add_host(json_t *vars)
{
	put(vars, "DOKKU_ROOT", plugin_home());
	put(vars, "DOKKU_LIB_ROOT", paths_share());
	put(vars, "NGINX_LOG_ROOT", "/var/log/nginx");
	put(vars, "SPDY_SUPPORTED", "");
	put(vars, "TLS13_SUPPORTED", "true");
	put(vars, "HTTP2_SUPPORTED", "true");
	put(vars, "HTTP2_DIRECTIVE_SUPPORTED", has_http2_directive() ? "true" : "false");
	put(vars, "HTTP2_PUSH_SUPPORTED", "false");
	put(vars, "GRPC_SUPPORTED", "true");
}

/* --- the app ----------------------------------------------------------------------------------- */

static void add_settings(json_t *vars, const struct nginx_values *set)
{
	static const char *const rows[][2] = {
		{ "CLIENT_BODY_TIMEOUT", "client-body-timeout" },
		{ "CLIENT_HEADER_TIMEOUT", "client-header-timeout" },
		{ "CLIENT_MAX_BODY_SIZE", "client-max-body-size" },
		{ "KEEPALIVE_TIMEOUT", "keepalive-timeout" },
		{ "LINGERING_TIMEOUT", "lingering-timeout" },
		{ "NGINX_ACCESS_LOG_FORMAT", "access-log-format" },
		{ "NGINX_BIND_ADDRESS_IP4", "bind-address-ipv4" },
		{ "NGINX_BIND_ADDRESS_IP6", "bind-address-ipv6" },
		{ "NGINX_UNDERSCORE_IN_HEADERS", "underscore-in-headers" },
		{ "PROXY_BUFFERING", "proxy-buffering" },
		{ "PROXY_BUFFERS", "proxy-buffers" },
		{ "PROXY_BUFFER_SIZE", "proxy-buffer-size" },
		{ "PROXY_BUSY_BUFFERS_SIZE", "proxy-busy-buffers-size" },
		{ "PROXY_CONNECT_TIMEOUT", "proxy-connect-timeout" },
		{ "PROXY_KEEPALIVE", "proxy-keepalive" },
		{ "PROXY_READ_TIMEOUT", "proxy-read-timeout" },
		{ "PROXY_SEND_TIMEOUT", "proxy-send-timeout" },
		{ "PROXY_X_FORWARDED_FOR", "x-forwarded-for-value" },
		{ "PROXY_X_FORWARDED_PORT", "x-forwarded-port-value" },
		{ "PROXY_X_FORWARDED_PROTO", "x-forwarded-proto-value" },
		{ "PROXY_X_FORWARDED_SSL", "x-forwarded-ssl" },
		{ "SEND_TIMEOUT", "send-timeout" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		put(vars, rows[i][0], nginx_value(set, rows[i][1]));
}

static void add_logs(json_t *vars, const struct vhost *v, const struct nginx_values *set)
{
	const char *access = nginx_value(set, "access-log-path");
	const char *error = nginx_value(set, "error-log-path");

	put_taken(vars, "NGINX_ACCESS_LOG_PATH",
		  nginx_log_is_off(access) ? xstrdup("off")
		  : *access                ? xstrdup(access)
			    : xasprintf("/var/log/nginx/%s-access.log", v->app));
	/* error_log has no "off". */
	put_taken(vars, "NGINX_ERROR_LOG_PATH",
		  nginx_log_is_off(error) ? xstrdup("/var/log/nginx/error.log emerg")
		  : *error                ? xstrdup(error)
			   : xasprintf("/var/log/nginx/%s-error.log", v->app));
}

static void add_names(json_t *vars, const struct vhost *v)
{
	bool alone = true;

	for (size_t i = 0; i < v->port_count; i++)
		alone = alone && nginx_has_port_alone(v, &v->ports[i]);
	AUTO_FREE char *names = v->names.len ? strv_join(&v->names, " ")
					     : xstrdup(alone ? "_" : v->host_address);

	put(vars, "APP", v->app);
	put(vars, "NOSSL_SERVER_NAME", names);
	put(vars, "SSL_INUSE", v->tls ? "true" : "");
	put(vars, "SSL_SERVER_NAME", v->tls && v->names.len ? names : "");
	put_taken(vars, "APP_SSL_PATH", paths_in(paths_root(), "tls/%s", v->app));
}

static void add_ports(json_t *vars, const struct vhost *v)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;
	AUTO(strv_release) struct strv upstreams = STRV_INIT;
	long plain = 0;
	long tls = 0;

	for (size_t i = 0; i < v->port_count; i++) {
		const struct port_map *m = &v->ports[i];
		AUTO_FREE char *container = xasprintf("%ld", m->container);

		if (!nginx_serves(v, m))
			continue;
		strv_addf(&maps, "%s:%ld:%ld", m->scheme, m->host, m->container);
		if (strv_find(&upstreams, container) < 0)
			strv_add(&upstreams, container);
		if (!plain && strcmp(m->scheme, "http") == 0)
			plain = m->host;
		if (!tls && strcmp(m->scheme, "https") == 0)
			tls = m->host;
	}
	put_taken(vars, "PROXY_PORT_MAP", strv_join(&maps, " "));
	put_taken(vars, "PROXY_UPSTREAM_PORTS", strv_join(&upstreams, " "));
	put_taken(vars, "PROXY_PORT", xasprintf("%ld", plain ? plain : 80));
	put_taken(vars, "PROXY_SSL_PORT", xasprintf("%ld", tls ? tls : 443));
	put(vars, "NGINX_PORT", json_string_value(json_object_get(vars, "PROXY_PORT")));
	put(vars, "NGINX_SSL_PORT",
	    json_string_value(json_object_get(vars, "PROXY_SSL_PORT")));
}

/* The fixed address of the web instances: it stays when they change. */
static void add_web(json_t *vars, const struct vhost *v)
{
	AUTO_FREE char *web = v->listener ? xstrdup(v->listener)
			      : v->address
				      ? xasprintf("%s:%ld", v->address,
						  v->port_count ? v->ports[0].container
								: 5000)
				      : xstrdup("");

	put(vars, "DOKKU_APP_LISTENERS", web);
	put(vars, "DOKKU_APP_WEB_LISTENERS", web);
	put(vars, "DOKKU_APP_LISTEN_IP", "");
	put(vars, "DOKKU_APP_LISTEN_PORT", "");
	put(vars, "PASSED_LISTEN_IP_PORT", "");
}

/* Every other process type: the instances of it that are ready now. */
static int add_others(json_t *vars, const struct custom_want *w, struct strv *listeners,
		      struct err *err)
{
	AUTO_FREE char *scale = NULL;
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (trigger_ask(w->st, w->to, &scale, err, TRIGGER_PS_CURRENT_SCALE, w->app->name,
			NULL) < 0)
		return -1;
	strv_split(&lines, scale, "\n");
	strv_foreach(line, &lines) {
		AUTO_FREE char *process = xstrndup(line, strcspn(line, "="));
		AUTO_FREE char *name = xasprintf("DOKKU_APP_%s_LISTENERS", process);
		AUTO_FREE char *ready = NULL;

		if (strcmp(process, "web") == 0)
			continue;
		for (char *c = name; *c; c++)
			*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
		if (trigger_ask(w->st, w->to, &ready, err, TRIGGER_NETWORK_GET_LISTENERS,
				w->app->name, process, NULL) < 0)
			return -1;
		put(vars, name, ready);
		strv_split(listeners, ready, " \n");
	}
	return 0;
}

/* --- from the template to the file --------------------------------------------------------- */

/* Loops leave many empty lines: of those that follow each other one stays. */
static void squeeze(struct buf *text, struct buf *lines)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf kept = BUF_INIT;
	const int *numbers = (const int *)(const void *)lines->data;
	size_t count = lines->len / sizeof *numbers;
	bool blank = true;
	size_t i = 0;

	for (const char *at = text->data; *at; i++) {
		size_t len = strcspn(at, "\n");
		bool empty = strspn(at, " \t\r") >= len;

		if (!empty || !blank) {
			buf_add(&out, at, empty ? 0 : len);
			buf_addc(&out, '\n');
			if (i < count)
				buf_add(&kept, &numbers[i], sizeof *numbers);
		}
		blank = empty;
		at += len + (at[len] == '\n');
	}
	buf_reset(text);
	buf_add(text, out.data, out.len);
	buf_reset(lines);
	buf_add(lines, kept.data, kept.len);
}

/* A name that the app has not by domains:add must be free, and is kept for it. */
static int check_names(const struct custom_want *w, const struct strv *found,
		       struct strv *names, struct err *err)
{
	strv_foreach(name, found) {
		AUTO_FREE char *host = NULL;
		AUTO_FREE char *owner = NULL;
		int rc;

		if (strcmp(name, "_") == 0 || strv_find(&w->v->names, name) >= 0 ||
		    (!w->v->names.len && strcmp(name, w->v->host_address) == 0))
			continue;
		if (domains_check(name, &host, err) < 0)
			return -1;
		rc = domains_owner(w->st, host, w->app->id, &owner, err);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			(void)err_set(err, ERR_REFUSED,
				      "server_name %s belongs to the app %s", host,
				      owner);
			return err_hint(err,
					"write server_name {{ $.NOSSL_SERVER_NAME }};");
		}
		strv_add(names, host);
	}
	return 0;
}

/* What a template has written: each line and where it came from. */
struct rendered {
	struct buf text;
	struct buf lines;
	struct strv listeners;
};

#define RENDERED_INIT                                                       \
	{                                                                   \
		.text = BUF_INIT, .lines = BUF_INIT, .listeners = STRV_INIT \
	}

static void rendered_release(struct rendered *r)
{
	buf_release(&r->text);
	buf_release(&r->lines);
	strv_release(&r->listeners);
}

static int confine(const struct custom_want *w, const struct rendered *r, struct buf *out,
		   struct strv *names, struct err *err)
{
	AUTO(strv_release) struct strv found = STRV_INIT;
	AUTO(buf_release) struct buf lines = BUF_INIT;
	const struct confine_want want = {
		.v = w->v,
		.set = w->set,
		.listeners = &r->listeners,
		.own_lines = &lines,
		.lines = (const int *)(const void *)r->lines.data,
		.line_count = r->lines.len / sizeof(int),
		.to = w->to,
	};

	(void)nginx_render_hsts(w->v, w->set, &lines);
	buf_add(&lines, w->v->lines.data, w->v->lines.len);
	if (nginx_confine(&want, r->text.data, out, &found, err) < 0)
		return -1;
	return check_names(w, &found, names, err);
}

int nginx_render_custom(const struct custom_want *w, const char *template,
			struct buf *out, struct strv *names, struct err *err)
{
	AUTO(rendered_release) struct rendered r = RENDERED_INIT;
	json_t *vars = json_object();
	int rc;

	add_host(vars);
	add_settings(vars, w->set);
	add_logs(vars, w->v, w->set);
	add_names(vars, w->v);
	add_ports(vars, w->v);
	add_web(vars, w->v);
	rc = add_others(vars, w, &r.listeners, err);
	if (rc == 0)
		rc = template_render(template, vars, &r.text, &r.lines, err);
	json_decref(vars);
	if (rc == 0) {
		squeeze(&r.text, &r.lines);
		buf_addf(out,
			 "# %s: rendered by davit from the app's own nginx.conf.sigil.\n",
			 w->v->app);
		if (w->v->tls)
			buf_addf(out, "# certificate %016llx\n",
				 (unsigned long long)w->v->certificate);
		rc = confine(w, &r, out, names, err);
	}
	return rc < 0 ? err_context(err, "nginx.conf.sigil") : 0;
}
