/* SPDX-License-Identifier: MIT */
/* One app as an nginx file: an upstream per container port, a server per host port. */
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

enum { HTTP_PORT = 80, HTTPS_PORT = 443 };

/* Within double quotes only the quote itself and the backslash mean anything. */
void nginx_quote(struct buf *out, const char *word)
{
	buf_addc(out, '"');
	for (const char *c = word; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *c);
	}
	buf_addc(out, '"');
}

static bool is_scheme(const struct port_map *m, const char *scheme)
{
	return strcmp(m->scheme, scheme) == 0;
}

bool nginx_is_tls(const struct port_map *m)
{
	return is_scheme(m, "https") || is_scheme(m, "grpcs");
}

bool nginx_is_grpc(const struct port_map *m)
{
	return is_scheme(m, "grpc") || is_scheme(m, "grpcs");
}

bool nginx_serves(const struct vhost *v, const struct port_map *m)
{
	if (m->clash || (v->root && nginx_is_grpc(m)))
		return false;
	return nginx_is_tls(m) ? v->tls : is_scheme(m, "http") || is_scheme(m, "grpc");
}

char *nginx_upstream(const struct vhost *v, const struct port_map *m)
{
	return xasprintf("davit_%s_%ld", v->app, m->container);
}

/* The port to which plain HTTP is sent on, or 0. */
static long redirect_to(const struct vhost *v, const struct port_map *m)
{
	if (!is_scheme(m, "http") || m->host != HTTP_PORT || !v->tls)
		return 0;
	for (size_t i = 0; i < v->port_count; i++)
		if (is_scheme(&v->ports[i], "https") && !v->ports[i].clash)
			return v->ports[i].host;
	return 0;
}

static bool seen_before(const struct vhost *v, size_t at, bool container)
{
	for (size_t i = 0; i < at; i++) {
		const struct port_map *a = &v->ports[i];
		const struct port_map *b = &v->ports[at];

		if (nginx_serves(v, a) &&
		    (container ? a->container == b->container : a->host == b->host))
			return true;
	}
	return false;
}

/*
 * The fixed address leads each new connection to one of the app's ready instances.  It is
 * listed more than once so that a connection which is refused is tried again, and then
 * meets another one; max_fails=0, for nginx must not give up on the one address there is.
 */
static void add_upstream(const struct vhost *v, const struct port_map *m,
			 const char *keepalive, struct buf *out)
{
	AUTO_FREE char *name = nginx_upstream(v, m);

	buf_addf(out, "upstream %s {\n", name);
	if (v->listener)
		buf_addf(out, "\tserver %s;\n", v->listener);
	for (int i = 0; !v->listener && i < NGINX_TRIES; i++)
		buf_addf(out, "\tserver %s:%ld max_fails=0;\n", v->address, m->container);
	if (keepalive[0] && strcmp(keepalive, "0") != 0)
		buf_addf(out, "\tkeepalive %s;\n", keepalive);
	buf_adds(out, "}\n\n");
}

/* An app without a name answers to every name on a port of its own; on those that all
 * apps share only to the host's address. */
bool nginx_has_port_alone(const struct vhost *v, const struct port_map *m)
{
	return v->names.len == 0 && m->host != HTTP_PORT && m->host != HTTPS_PORT;
}

static void add_listen(const struct vhost *v, const struct nginx_values *set,
		       const struct port_map *m, struct buf *out)
{
	const char *four = nginx_value(set, "bind-address-ipv4");
	const char *six = nginx_value(set, "bind-address-ipv6");
	AUTO(buf_release) struct buf options = BUF_INIT;

	if (nginx_is_tls(m))
		buf_adds(&options, " ssl");
	if (nginx_is_tls(m) || nginx_is_grpc(m))
		buf_adds(&options, " http2");
	if (nginx_has_port_alone(v, m))
		buf_adds(&options, " default_server");
	if (v->ipv6)
		buf_addf(out, "\tlisten [%s]:%ld%s;\n", six, m->host, options.data);
	buf_addf(out, "\tlisten %s%s%ld%s;\n", four, four[0] ? ":" : "", m->host,
		 options.data);
}

static void add_names(const struct vhost *v, const struct port_map *m, struct buf *out)
{
	buf_adds(out, "\tserver_name");
	if (v->names.len == 0) {
		buf_addc(out, ' ');
		nginx_quote(out, nginx_has_port_alone(v, m) ? "_" : v->host_address);
	}
	strv_foreach(name, &v->names) {
		buf_addc(out, ' ');
		nginx_quote(out, name);
	}
	buf_adds(out, ";\n");
}

static void add_log(const struct vhost *v, const struct nginx_values *set,
		    const char *kind, struct buf *out)
{
	AUTO_FREE char *key = xasprintf("%s-log-path", kind);
	AUTO_FREE char *usual = xasprintf("/var/log/nginx/%s-%s.log", v->app, kind);
	const char *path = nginx_value(set, key);
	const char *format = nginx_value(set, "access-log-format");
	bool is_access = strcmp(kind, "access") == 0;

	if (nginx_log_is_off(path)) {
		/* error_log knows no "off": what is left is said in the host's own log. */
		buf_adds(out, is_access
				      ? "\taccess_log  off;\n"
				      : "\terror_log /var/log/nginx/error.log emerg;\n");
		return;
	}
	/* A checked name in one directory, or the app's own: no word needs quotes less. */
	buf_addf(out, "\t%s_log  %s", kind, path[0] ? path : usual);
	if (is_access && format[0])
		buf_addf(out, " %s", format);
	buf_adds(out, ";\n");
}

static void add_limits(const struct nginx_values *set, struct buf *out)
{
	buf_adds(out, "\tserver_tokens off;\n");
	static const struct {
		const char *directive;
		const char *key;
	} limits[] = {
		{ "underscores_in_headers", "underscore-in-headers" },
		{ "client_body_timeout", "client-body-timeout" },
		{ "client_header_timeout", "client-header-timeout" },
		{ "client_max_body_size", "client-max-body-size" },
		{ "keepalive_timeout", "keepalive-timeout" },
		{ "lingering_timeout", "lingering-timeout" },
		{ "send_timeout", "send-timeout" },
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		buf_addf(out, "\t%s %s;\n", limits[i].directive,
			 nginx_value(set, limits[i].key));
}

static void add_tls(const struct vhost *v, const struct nginx_values *set,
		    struct buf *out)
{
	AUTO_FREE char *crt = paths_in(paths_root(), "tls/%s/server.crt", v->app);
	AUTO_FREE char *key = paths_in(paths_root(), "tls/%s/server.key", v->app);

	/* A renewed certificate has the same path: this line is what makes nginx reload. */
	buf_addf(out, "\t# certificate %016llx\n", (unsigned long long)v->certificate);
	buf_adds(out, "\tssl_certificate ");
	nginx_quote(out, crt);
	buf_adds(out, ";\n\tssl_certificate_key ");
	nginx_quote(out, key);
	buf_adds(out, ";\n\tssl_protocols TLSv1.2 TLSv1.3;\n");
	nginx_render_hsts(v, set, out);
}

bool nginx_render_hsts(const struct vhost *v, const struct nginx_values *set,
		       struct buf *out)
{
	if (!v->tls || v->down || strcmp(nginx_value(set, "hsts"), "true") != 0)
		return false;
	buf_addf(out,
		 "\tadd_header Strict-Transport-Security \"max-age=%s%s%s\" always;\n",
		 nginx_value(set, "hsts-max-age"),
		 strcmp(nginx_value(set, "hsts-include-subdomains"), "true") == 0
			 ? "; includeSubdomains"
			 : "",
		 strcmp(nginx_value(set, "hsts-preload"), "true") == 0 ? "; preload"
								       : "");
	return true;
}

/* Lines of plugins, as they came: their quotes and braces were checked. */
static void add_lines(const struct vhost *v, struct buf *out)
{
	if (v->lines.len == 0)
		return;
	buf_adds(out, "\n\t# lines of plugins\n");
	buf_add(out, v->lines.data, v->lines.len);
	if (v->lines.data[v->lines.len - 1] != '\n')
		buf_addc(out, '\n');
}

static void add_server(const struct vhost *v, const struct nginx_values *set,
		       const struct port_map *m, struct buf *out)
{
	long to = redirect_to(v, m);

	buf_adds(out, "server {\n");
	add_listen(v, set, m, out);
	add_names(v, m, out);
	add_log(v, set, "access", out);
	add_log(v, set, "error", out);
	add_limits(set, out);
	if (nginx_is_tls(m))
		add_tls(v, set, out);
	if (to == 0)
		nginx_render_locations(v, set, m, out);
	else
		buf_addf(out,
			 "\n\tlocation / {\n"
			 "\t\treturn 301 https://$host:%ld$request_uri;\n\t}\n",
			 to);
	add_lines(v, out);
	buf_adds(out, "}\n");
}

void nginx_render(const struct vhost *v, const struct nginx_values *set, struct buf *out)
{
	const char *separator = "";

	buf_addf(
		out,
		"# %s: written by davit, and written again whenever it changes.\n"
		"# davit nginx:set, domains:set, ports:set and certs:add say what is in it.\n\n",
		v->app);
	for (size_t i = 0; i < v->port_count && !v->root && !v->down; i++)
		if (nginx_serves(v, &v->ports[i]) && !seen_before(v, i, true))
			add_upstream(v, &v->ports[i], nginx_value(set, "proxy-keepalive"),
				     out);
	for (size_t i = 0; i < v->port_count; i++)
		if (nginx_serves(v, &v->ports[i]) && !seen_before(v, i, false)) {
			buf_adds(out, separator);
			add_server(v, set, &v->ports[i], out);
			separator = "\n";
		}
}
