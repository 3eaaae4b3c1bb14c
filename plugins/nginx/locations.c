/* SPDX-License-Identifier: MIT */
/* What a server answers with: the app's instances, or the files of its release. */
#include <string.h>

#include "plugins/nginx/nginx.h"
#include "util/cleanup.h"

/*
 * Files.  The release is reached through one symlink, "current"; below it no symlink is
 * followed.  A file whose name begins with a dot is not there, but /.well-known is.
 * no-cache asks browsers to ask again: the answer is a short 304 unless the file has
 * changed, and never the file of an older release.
 */
static void add_files(const struct vhost *v, struct buf *out)
{
	buf_adds(out, "\n\troot ");
	nginx_quote(out, v->root);
	buf_adds(out, ";\n"
		      "\tdisable_symlinks on from=$document_root;\n"
		      "\tindex index.html index.htm;\n"
		      "\tabsolute_redirect off;\n"
		      "\terror_page 404 /404.html;\n"
		      "\terror_page 403 =404 /404.html;\n"
		      "\tadd_header Cache-Control no-cache;\n"
		      "\tlocation / {\n"
		      "\t\ttry_files $uri $uri/ $uri.html =404;\n"
		      "\t}\n"
		      "\tlocation ~ \"/\\.(?!well-known(/|$))\" {\n"
		      "\t\treturn 404;\n"
		      "\t}\n");
}

static void add_timeouts(const struct nginx_values *set, const char *module,
			 struct buf *out)
{
	static const char *const kinds[] = { "connect", "read", "send" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char key[32];

		(void)snprintf(key, sizeof key, "proxy-%s-timeout", kinds[i]);
		buf_addf(out, "\t\t%s_%s_timeout %s;\n", module, kinds[i],
			 nginx_value(set, key));
	}
}

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.-"

static void add_header(const char *module, const char *name, const char *value,
		       struct buf *out)
{
	if (!value[0])
		return;
	buf_addf(out, "\t\t%s_set_header %s ", module, name);
	/* One plain word needs no quotes. */
	if (strspn(value, WORD) == strlen(value))
		buf_adds(out, value);
	else
		nginx_quote(out, value);
	buf_adds(out, ";\n");
}

static void add_headers(const struct nginx_values *set, const char *module,
			struct buf *out)
{
	add_header(module, "Host", "$http_host", out);
	add_header(module, "X-Forwarded-For", nginx_value(set, "x-forwarded-for-value"),
		   out);
	add_header(module, "X-Forwarded-Host", "$http_host", out);
	add_header(module, "X-Forwarded-Port", nginx_value(set, "x-forwarded-port-value"),
		   out);
	add_header(module, "X-Forwarded-Proto",
		   nginx_value(set, "x-forwarded-proto-value"), out);
	add_header(module, "X-Forwarded-Ssl", nginx_value(set, "x-forwarded-ssl"), out);
	add_header(module, "X-Request-Id", "$davit_request_id", out);
	add_header(module, "X-Request-Start", "$msec", out);
}

/* Another try only where the one before failed at once: an answer that is slow to
 * come must not be asked for twice. */
static void add_retry(const char *module, struct buf *out)
{
	buf_addf(out,
		 "\t\t%s_next_upstream error timeout;\n"
		 "\t\t%s_next_upstream_tries %d;\n"
		 "\t\t%s_next_upstream_timeout 10s;\n",
		 module, module, NGINX_TRIES, module);
}

/*
 * Instances.  $davit_connection says "upgrade" for WebSockets and "close" for all else:
 * the app then closes first, and the connection's two minutes of afterlife are spent in
 * the instance's network, not in the host's, where ports would run out.
 */
static void add_proxy(const struct nginx_values *set, const char *group, struct buf *out)
{
	bool kept = nginx_value(set, "proxy-keepalive")[0] != '\0';

	buf_addf(out,
		 "\n\tlocation / {\n"
		 "\t\tproxy_pass http://%s;\n"
		 "\t\tproxy_http_version 1.1;\n"
		 "\t\tproxy_set_header Upgrade $http_upgrade;\n"
		 "\t\tproxy_set_header Connection %s;\n",
		 group, kept ? "$davit_kept_connection" : "$davit_connection");
	add_headers(set, "proxy", out);
	add_retry("proxy", out);
	add_timeouts(set, "proxy", out);
	buf_addf(out,
		 "\t\tproxy_buffering %s;\n"
		 "\t\tproxy_buffer_size %s;\n"
		 "\t\tproxy_buffers %s;\n"
		 "\t\tproxy_busy_buffers_size %s;\n"
		 "\t}\n",
		 nginx_value(set, "proxy-buffering"),
		 nginx_value(set, "proxy-buffer-size"), nginx_value(set, "proxy-buffers"),
		 nginx_value(set, "proxy-busy-buffers-size"));
}

static void add_grpc(const struct nginx_values *set, const char *group, struct buf *out)
{
	buf_addf(out, "\n\tlocation / {\n\t\tgrpc_pass grpc://%s;\n", group);
	add_headers(set, "grpc", out);
	add_retry("grpc", out);
	add_timeouts(set, "grpc", out);
	buf_adds(out, "\t}\n");
}

void nginx_render_locations(const struct vhost *v, const struct nginx_values *set,
			    const struct port_map *m, struct buf *out)
{
	AUTO_FREE char *group = nginx_upstream(v, m);

	if (v->down)
		buf_adds(out, "\n\tlocation / {\n\t\treturn 502;\n\t}\n");
	else if (v->root)
		add_files(v, out);
	else if (strncmp(m->scheme, "grpc", 4) == 0)
		add_grpc(set, group, out);
	else
		add_proxy(set, group, out);
}
