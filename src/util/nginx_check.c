/* SPDX-License-Identifier: MIT */
#include "util/nginx_check.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/nginx_words.h"
#include "util/paths.h"
#include "util/strv.h"

#define DEPTH_MAX 16

/* How the words after a directive's name are looked at. */
enum arguments {
	FREE,     /* nginx checks them; they name no file */
	LOG,      /* a log file of ours, or off */
	TREE,     /* a directory to serve */
	CERT,     /* a certificate or key of ours */
	CA_FILE,  /* certificates to trust */
	PASSWORD, /* a file of ours with names and passwords */
	INCLUDE,  /* a file that we checked, or one of the distribution */
	UPSTREAM, /* an address over the network */
	INSIDE,   /* names below the root in force: none climbs out of it */
	BIND,     /* an address of the host, never one that is made up */
	LISTEN,
	BLOCK, /* a block of directives */
	TABLE, /* a block of free words */
};

struct rule {
	const char *name;
	enum arguments arguments;
};

static const struct rule rules[] = {
	{ "absolute_redirect", FREE },
	{ "access_log", LOG },
	{ "add_header", FREE },
	{ "alias", TREE },
	{ "allow", FREE },
	{ "auth_basic", FREE },
	{ "auth_basic_user_file", PASSWORD },
	{ "auth_request", FREE },
	{ "auth_request_set", FREE },
	{ "autoindex", FREE },
	{ "break", FREE },
	{ "charset", FREE },
	{ "client_body_buffer_size", FREE },
	{ "client_body_timeout", FREE },
	{ "client_header_buffer_size", FREE },
	{ "client_header_timeout", FREE },
	{ "client_max_body_size", FREE },
	{ "default_type", FREE },
	{ "deny", FREE },
	{ "disable_symlinks", FREE },
	{ "error_log", LOG },
	{ "error_page", INSIDE },
	{ "etag", FREE },
	{ "expires", FREE },
	{ "grpc_buffer_size", FREE },
	{ "grpc_connect_timeout", FREE },
	{ "grpc_hide_header", FREE },
	{ "grpc_intercept_errors", FREE },
	{ "grpc_next_upstream", FREE },
	{ "grpc_next_upstream_timeout", FREE },
	{ "grpc_next_upstream_tries", FREE },
	{ "grpc_pass", UPSTREAM },
	{ "grpc_pass_header", FREE },
	{ "grpc_read_timeout", FREE },
	{ "grpc_send_timeout", FREE },
	{ "grpc_set_header", FREE },
	{ "grpc_socket_keepalive", FREE },
	{ "grpc_bind", BIND },
	{ "grpc_ignore_headers", FREE },
	{ "grpc_ssl_name", FREE },
	{ "grpc_ssl_protocols", FREE },
	{ "grpc_ssl_server_name", FREE },
	{ "grpc_ssl_verify", FREE },
	{ "gzip", FREE },
	{ "gzip_buffers", FREE },
	{ "gzip_comp_level", FREE },
	{ "gzip_disable", FREE },
	{ "gzip_http_version", FREE },
	{ "gzip_min_length", FREE },
	{ "gzip_proxied", FREE },
	{ "gzip_static", FREE },
	{ "gzip_types", FREE },
	{ "gzip_vary", FREE },
	{ "hash", FREE },
	{ "http2", FREE },
	{ "if", BLOCK },
	{ "include", INCLUDE },
	{ "index", INSIDE },
	{ "internal", FREE },
	{ "ip_hash", FREE },
	{ "keepalive", FREE },
	{ "keepalive_disable", FREE },
	{ "keepalive_requests", FREE },
	{ "keepalive_time", FREE },
	{ "keepalive_timeout", FREE },
	{ "large_client_header_buffers", FREE },
	{ "least_conn", FREE },
	{ "limit_conn", FREE },
	{ "limit_conn_log_level", FREE },
	{ "limit_conn_status", FREE },
	{ "limit_conn_zone", FREE },
	{ "limit_except", BLOCK },
	{ "limit_rate", FREE },
	{ "limit_rate_after", FREE },
	{ "limit_req", FREE },
	{ "limit_req_log_level", FREE },
	{ "limit_req_status", FREE },
	{ "limit_req_zone", FREE },
	{ "lingering_close", FREE },
	{ "lingering_time", FREE },
	{ "lingering_timeout", FREE },
	{ "listen", LISTEN },
	{ "location", BLOCK },
	{ "log_not_found", FREE },
	{ "map", TABLE },
	{ "map_hash_bucket_size", FREE },
	{ "map_hash_max_size", FREE },
	{ "max_ranges", FREE },
	{ "merge_slashes", FREE },
	{ "msie_padding", FREE },
	{ "open_file_cache", FREE },
	{ "open_file_cache_errors", FREE },
	{ "open_file_cache_min_uses", FREE },
	{ "open_file_cache_valid", FREE },
	{ "output_buffers", FREE },
	{ "port_in_redirect", FREE },
	{ "proxy_bind", BIND },
	{ "proxy_buffer_size", FREE },
	{ "proxy_buffering", FREE },
	{ "proxy_buffers", FREE },
	{ "proxy_busy_buffers_size", FREE },
	{ "proxy_connect_timeout", FREE },
	{ "proxy_cookie_domain", FREE },
	{ "proxy_cookie_flags", FREE },
	{ "proxy_cookie_path", FREE },
	{ "proxy_force_ranges", FREE },
	{ "proxy_headers_hash_bucket_size", FREE },
	{ "proxy_headers_hash_max_size", FREE },
	{ "proxy_hide_header", FREE },
	{ "proxy_http_version", FREE },
	{ "proxy_ignore_client_abort", FREE },
	{ "proxy_ignore_headers", FREE },
	{ "proxy_intercept_errors", FREE },
	{ "proxy_limit_rate", FREE },
	{ "proxy_max_temp_file_size", FREE },
	{ "proxy_method", FREE },
	{ "proxy_next_upstream", FREE },
	{ "proxy_next_upstream_timeout", FREE },
	{ "proxy_next_upstream_tries", FREE },
	{ "proxy_pass", UPSTREAM },
	{ "proxy_pass_header", FREE },
	{ "proxy_pass_request_body", FREE },
	{ "proxy_pass_request_headers", FREE },
	{ "proxy_read_timeout", FREE },
	{ "proxy_redirect", FREE },
	{ "proxy_request_buffering", FREE },
	{ "proxy_send_timeout", FREE },
	{ "proxy_set_body", FREE },
	{ "proxy_set_header", FREE },
	{ "proxy_socket_keepalive", FREE },
	{ "proxy_ssl_name", FREE },
	{ "proxy_ssl_protocols", FREE },
	{ "proxy_ssl_server_name", FREE },
	{ "proxy_ssl_trusted_certificate", CA_FILE },
	{ "proxy_ssl_verify", FREE },
	{ "proxy_ssl_verify_depth", FREE },
	{ "proxy_temp_file_write_size", FREE },
	{ "random", FREE },
	{ "real_ip_header", FREE },
	{ "real_ip_recursive", FREE },
	{ "recursive_error_pages", FREE },
	{ "reset_timedout_connection", FREE },
	{ "return", FREE },
	{ "rewrite", INSIDE },
	{ "root", TREE },
	{ "satisfy", FREE },
	{ "send_timeout", FREE },
	{ "sendfile", FREE },
	{ "server", BLOCK },
	{ "server_name", FREE },
	{ "server_name_in_redirect", FREE },
	{ "server_names_hash_bucket_size", FREE },
	{ "server_names_hash_max_size", FREE },
	{ "server_tokens", FREE },
	{ "set", FREE },
	{ "set_real_ip_from", FREE },
	{ "ssl_buffer_size", FREE },
	{ "ssl_certificate", CERT },
	{ "ssl_certificate_key", CERT },
	{ "ssl_ciphers", FREE },
	{ "ssl_client_certificate", CERT },
	{ "ssl_early_data", FREE },
	{ "ssl_ecdh_curve", FREE },
	{ "ssl_prefer_server_ciphers", FREE },
	{ "ssl_protocols", FREE },
	{ "ssl_reject_handshake", FREE },
	{ "ssl_session_cache", FREE },
	{ "ssl_session_tickets", FREE },
	{ "ssl_session_timeout", FREE },
	{ "ssl_stapling", FREE },
	{ "ssl_stapling_verify", FREE },
	{ "ssl_trusted_certificate", CA_FILE },
	{ "ssl_verify_client", FREE },
	{ "ssl_verify_depth", FREE },
	{ "sub_filter", FREE },
	{ "sub_filter_once", FREE },
	{ "sub_filter_types", FREE },
	{ "tcp_nodelay", FREE },
	{ "tcp_nopush", FREE },
	{ "try_files", INSIDE },
	{ "types", TABLE },
	{ "types_hash_bucket_size", FREE },
	{ "types_hash_max_size", FREE },
	{ "underscores_in_headers", FREE },
	{ "upstream", BLOCK },
	{ "uninitialized_variable_warn", FREE },
	{ "valid_referers", FREE },
	{ "variables_hash_bucket_size", FREE },
	{ "variables_hash_max_size", FREE },
	{ "zone", FREE },
};

struct reader {
	struct nginx_reader in;
	const char *app; /* whose file it is */
	int *at;         /* the line of what is refused */
};

static int complain(const struct reader *r, struct err *err, const char *word,
		    const char *what)
{
	(void)err_set(err, ERR_REFUSED, "%.200s %s", word, what);
	*r->at = r->in.line;
	return err_hint(err,
			"only directives that cannot reach beyond the app are taken; "
			"put others into a file of root's in /etc/nginx/conf.d");
}

static const struct rule *find_rule(const char *name)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

/* A plain path below one of the roots: no variable, no "..", no pattern. */
static bool below(const char *path, const char *const *roots)
{
	if (strchr(path, '$') || strstr(path, ".."))
		return false;
	for (; *roots; roots++)
		if (strncmp(path, *roots, strlen(*roots)) == 0)
			return true;
	return false;
}

#define BELOW(path, ...) below(path, (const char *const[]){ __VA_ARGS__, NULL })

/* glob(3) finds ".." by ".*" too: only a whole last part "*.conf" is a pattern. */
static bool has_pattern(const char *path)
{
	size_t plain = strcspn(path, "*?[]{}\\~");

	return path[plain] &&
	       (path[plain - 1] != '/' || strcmp(path + plain, "*.conf") != 0);
}

/* Does a part of the path climb? */
static bool climbs(const char *path)
{
	for (const char *p = path; *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			return true;
		p += n;
	}
	return false;
}

/* The pattern of a rewrite is no path. */
static bool all_inside(const struct rule *rule, const struct strv *words)
{
	size_t first = strcmp(rule->name, "rewrite") == 0 ? 2 : 1;

	for (size_t i = first; i < words->len; i++)
		if (climbs(words->v[i]))
			return false;
	return true;
}

/* Below DAVIT_ROOT_DIR/KIND/APP/: what is this app's alone. */
static bool own(const struct reader *r, const char *kind, const char *path)
{
	AUTO_FREE char *dir = xasprintf(DAVIT_ROOT_DIR "/%s/%s/", kind, r->app);

	return BELOW(path, dir);
}

static bool include_ok(const struct reader *r, const char *path)
{
	static const char *const fixed[] = { "mime.types", "/etc/nginx/mime.types",
					     "proxy_params", "/etc/nginx/proxy_params" };

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(path, fixed[i]) == 0)
			return true;
	return own(r, "nginx/snippets", path) && !has_pattern(path);
}

/* nginx reads this prefix in any case of letters. */
static bool is_socket(const char *address)
{
	return strncasecmp(address, "unix:", 5) == 0;
}

/* Not a socket of the host, and not whatever a variable holds. */
static bool upstream_ok(const char *url)
{
	const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
			   : strncmp(url, "https://", 8) == 0 ? url + 8
			   : strncmp(url, "grpc://", 7) == 0  ? url + 7
							      : NULL;

	return host && !is_socket(host) && !memchr(host, '$', strcspn(host, "/"));
}

static bool first_ok(const struct reader *r, enum arguments kind, const char *word)
{
	switch (kind) {
	case LOG:
		return strcmp(word, "off") == 0 ||
		       BELOW(word, DAVIT_LOG_DIR "/", "/var/log/nginx/");
	case TREE:
		return own(r, "static", word) ||
		       BELOW(word, DAVIT_PREFIX "/share/davit/");
	case CERT: return own(r, "tls", word);
	case CA_FILE: return own(r, "tls", word) || BELOW(word, "/etc/ssl/certs/");
	case PASSWORD:
		return strcmp(word, "off") == 0 ||
		       BELOW(word, DAVIT_ROOT_DIR "/nginx/") || own(r, "tls", word);
	case INCLUDE: return include_ok(r, word);
	case UPSTREAM: return upstream_ok(word);
	case LISTEN: return !is_socket(word);
	case INSIDE:
	case BIND:
	case FREE:
	case BLOCK:
	case TABLE: return true;
	}
	return false;
}

static int check_simple(const struct reader *r, const struct rule *rule,
			const struct strv *words, struct err *err)
{
	enum arguments kind = rule->arguments;

	/* Inside upstream, "server ADDRESS;" has the name of a block. */
	if (strcmp(rule->name, "server") == 0)
		return words->len > 1 && !is_socket(words->v[1])
			       ? 0
			       : complain(r, err, "server", "may not name a socket");
	if (kind == BLOCK || kind == TABLE)
		return complain(r, err, rule->name, "needs a block");
	if (words->len < 2)
		return kind == FREE || kind == INSIDE || kind == BIND
			       ? 0
			       : complain(r, err, rule->name, "needs a value");
	if (kind == INSIDE && !all_inside(rule, words))
		return complain(r, err, rule->name, "may not climb with '..'");
	if (kind == BIND && words->len > 2)
		return complain(r, err, words->v[2], "is not taken here");
	if (!first_ok(r, kind, words->v[1]))
		return complain(r, err, words->v[1], "is not a place for this directive");
	return 0;
}

/* The lines of a map or of types: free words, but an include is one here too. */
static int check_table(struct reader *r, struct err *err)
{
	for (;;) {
		AUTO(strv_release) struct strv words = STRV_INIT;
		enum nginx_ending end = nginx_take_words(&r->in, &words);

		if (end == NGINX_CLOSE)
			return 0;
		if (end != NGINX_SEMICOLON)
			return complain(r, err, "a table", "is malformed");
		if (strcmp(words.v[0], "include") == 0 &&
		    (words.len < 2 || !include_ok(r, words.v[1])))
			return complain(r, err, "include", "of a file from elsewhere");
	}
}

static int check_body(struct reader *r, int depth, struct err *err);

static int check_directive(struct reader *r, const struct strv *words, bool opens,
			   int depth, struct err *err)
{
	const struct rule *rule = find_rule(words->v[0]);

	if (!rule)
		return complain(r, err, words->v[0], "is not taken");
	if (!opens)
		return check_simple(r, rule, words, err);
	if (rule->arguments == TABLE)
		return check_table(r, err);
	if (rule->arguments != BLOCK)
		return complain(r, err, words->v[0], "has no block");
	if (depth >= DEPTH_MAX)
		return complain(r, err, words->v[0], "is nested too deep");
	return check_body(r, depth + 1, err);
}

static int check_body(struct reader *r, int depth, struct err *err)
{
	for (;;) {
		AUTO(strv_release) struct strv words = STRV_INIT;
		enum nginx_ending end = nginx_take_words(&r->in, &words);

		if (end == NGINX_BAD || (end == NGINX_TEXT && depth > 0) ||
		    (end == NGINX_CLOSE && depth == 0))
			return complain(
				r, err, "the text",
				"ends too early, or has a brace or quote too many");
		if (end == NGINX_TEXT || end == NGINX_CLOSE)
			return 0;
		if (check_directive(r, &words, end == NGINX_OPEN, depth, err) < 0)
			return -1;
	}
}

int nginx_check(const char *text, const char *app, int *line, struct err *err)
{
	struct reader r = { .in = NGINX_READER(text), .app = app, .at = line };
	int rc = check_body(&r, 0, err);

	buf_release(&r.in.word);
	return rc;
}
