/* SPDX-License-Identifier: MIT */
/* What a template's directives may say beyond the list that every file obeys. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plugins/nginx/confine.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"
#include "util/paths.h"

enum { COUNT_MAX = 65536, KEPT_MAX = 1024 };

/* --- where it listens -------------------------------------------------------------------------- */

static const struct port_map *map_of_port(const struct vhost *v, long port)
{
	for (size_t i = 0; i < v->port_count; i++)
		if (v->ports[i].host == port && nginx_serves(v, &v->ports[i]))
			return &v->ports[i];
	return NULL;
}

static bool is_address_of(const struct confine *c, const char *address)
{
	static const char *const all[] = { "*", "0.0.0.0", "[::]" };
	const char *four = nginx_value(c->want->set, "bind-address-ipv4");
	AUTO_FREE char *six = xasprintf("[%s]",
					nginx_value(c->want->set, "bind-address-ipv6"));

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(address, all[i]) == 0)
			return true;
	return strcmp(address, six) == 0 || (*four && strcmp(address, four) == 0);
}

/* PORT, ADDRESS:PORT or [ADDRESS]:PORT. */
static int take_address(struct confine *c, const struct strv *words, long *port)
{
	const char *word = words->v[1];
	const char *colon = strrchr(word, ':');
	AUTO_FREE char *address = colon ? xstrndup(word, (size_t)(colon - word)) : NULL;

	if (!name_to_int(colon ? colon + 1 : word, 1, 65535, port))
		return confine_refuse(c, words,
				      "write listen PORT; or listen [::]:PORT;");
	if (address && !is_address_of(c, address))
		return confine_refuse(c, words,
				      "%s is not an address of this app's: write listen "
				      "%ld; (davit nginx:set %s bind-address-ipv4 has "
				      "another)",
				      address, *port, c->want->v->app);
	return 0;
}

/* Without TLS it would be HTTP/2 alone that this port speaks, for every app on it. */
static void leave_http2(struct confine *c, size_t i)
{
	if (c->want->to && !c->told_http2)
		out_warn(c->want->to,
			 "listen … http2 without ssl is left out: browsers would not be "
			 "understood on that port any more, whatever app they want");
	c->told_http2 = true;
	confine_word(c, i, xstrdup(""));
}

static int judge_option(struct confine *c, const struct strv *words, size_t i,
			const struct port_map *m)
{
	const char *option = words->v[i];

	if (strcmp(option, "ssl") == 0) {
		if (nginx_is_tls(m))
			return 0;
		return confine_refuse(c, words,
				      "port %ld speaks plain HTTP, for every app on it: "
				      "davit ports:add %s https:443:%ld",
				      m->host, c->want->v->app, m->container);
	}
	if (strcmp(option, "http2") == 0) {
		if (!nginx_is_tls(m) && !nginx_is_grpc(m))
			leave_http2(c, i);
		return 0;
	}
	if (strcmp(option, "default_server") == 0 && nginx_has_port_alone(c->want->v, m))
		return 0;
	return confine_refuse(c, words,
			      "%s is in force for every app on this port: "
			      "leave it out",
			      option);
}

static int judge_listen(struct confine *c, const struct strv *words)
{
	const struct vhost *v = c->want->v;
	const struct port_map *m;
	long port;

	if (take_address(c, words, &port) < 0)
		return -1;
	m = map_of_port(v, port);
	if (!m)
		return confine_refuse(
			c, words,
			"port %ld is not one of this app's: davit ports:add "
			"%s http:%ld:5000",
			port, v->app, port);
	for (size_t i = 2; i < words->len; i++)
		if (judge_option(c, words, i, m) < 0)
			return -1;
	c->listens = true;
	c->shares = c->shares || !nginx_has_port_alone(v, m);
	return 0;
}

/* Whose each is, the store knows: who asked looks at them. */
static int judge_server_name(struct confine *c, const struct strv *words)
{
	for (size_t i = 1; i < words->len; i++) {
		const char *name = words->v[i];

		if (*name == '~' || strchr(name, '$') || !*name)
			return confine_refuse(c, words,
					      "%s could be any app's: write names, as "
					      "www.example.com or *.example.com",
					      *name ? name : "no name");
		if (strv_find(c->names, name) < 0)
			strv_add(c->names, name);
		c->named = true;
	}
	if (c->names->len > CONFINE_NAMES_MAX)
		return confine_refuse(c, words, "more than %d names", CONFINE_NAMES_MAX);
	return 0;
}

/* --- whom it speaks to ------------------------------------------------------------------------- */

/* ADDRESS:PORT of the app's instances. */
static bool is_own_backend(const struct confine *c, const char *address)
{
	const struct vhost *v = c->want->v;

	if (v->listener)
		return strcmp(address, v->listener) == 0;
	for (size_t i = 0; v->address && i < v->port_count; i++) {
		AUTO_FREE char *own = xasprintf("%s:%ld", v->address,
						v->ports[i].container);

		if (strcmp(address, own) == 0)
			return true;
	}
	return strv_find(c->want->listeners, address) >= 0;
}

static int not_own(struct confine *c, const struct strv *words, const char *what)
{
	return confine_refuse(
		c, words,
		"%s is not this app: nginx stands in the host's network and "
		"would reach what the app may not. Write an upstream "
		"of {{ $.DOKKU_APP_WEB_LISTENERS }}, or let the app ask",
		what);
}

/*
 * In an upstream.  The one address leads each connection to one of the ready instances;
 * written twice, a connection that is refused is tried again and meets another one.
 */
static int judge_server(struct confine *c, const struct strv *words)
{
	AUTO_FREE char *twice = NULL;

	if (c->block != BLOCK_UPSTREAM)
		return c->block == BLOCK_TOP
			       ? 0
			       : confine_refuse(c, words, "a server cannot stand here");
	if (words->len < 2 || !is_own_backend(c, words->v[1]))
		return not_own(c, words, words->len < 2 ? "it" : words->v[1]);
	if (words->len > 2)
		return 0;
	twice = xasprintf("server %s max_fails=0; server %s max_fails=0", words->v[1],
			  words->v[1]);
	confine_put(c, c->in.from[0], c->in.to[1], twice);
	return CONFINE_DONE;
}

/* http://NAME…: an upstream of this text, or the app's address. */
static int judge_pass(struct confine *c, const struct strv *words)
{
	const char *url = words->v[1];
	const char *host = strstr(url, "://") + 3;
	size_t scheme = (size_t)(host - url);
	AUTO_FREE char *name = xstrndup(host, strcspn(host, "/?#$"));
	AUTO_FREE char *own = NULL;
	AUTO_FREE char *rest = NULL;
	const char *raw = c->in.from[1];
	bool quoted = *raw == '"' || *raw == '\'';

	if (words->len != 2 || strncmp(raw + quoted, url, scheme + strlen(name)) != 0)
		return confine_refuse(c, words, "write it plainly: %s http://NAME;",
				      words->v[0]);
	if (strv_find(&c->upstreams, name) >= 0)
		own = confine_upstream(c, name);
	else if (!is_own_backend(c, name))
		return not_own(c, words, name);
	raw += quoted;
	rest = confine_variables(c, raw + scheme + strlen(name), c->in.to[1]);
	confine_word(c, 1,
		     xasprintf("%.*s%.*s%s%s", quoted, raw - quoted, (int)scheme, url,
			       own ? own : name, rest));
	return 0;
}

static int judge_upstream(struct confine *c, const struct strv *words)
{
	if (words->len != 2)
		return confine_refuse(c, words, "write upstream NAME { … }");
	confine_word(c, 1, confine_upstream(c, words->v[1]));
	return 0;
}

static int judge_bind(struct confine *c, const struct strv *words)
{
	return confine_refuse(c, words, "the host chooses the address: leave it out");
}

/* --- files --------------------------------------------------------------------------------------- */

/* HOME/APP/nginx.conf.d/…: the lines of plugins and of the administrator stand in its
 * place. */
static int judge_include(struct confine *c, const struct strv *words)
{
	const char *const homes[] = { plugin_home(), "/home/dokku", "/home/davit" };
	const struct buf *lines = c->want->own_lines;

	for (size_t i = 0; words->len == 2 && i < sizeof homes / sizeof *homes; i++) {
		AUTO_FREE char *own = xasprintf("%s/%s/nginx.conf.d/*.conf", homes[i],
						c->want->v->app);

		if (strcmp(words->v[1], own) != 0)
			continue;
		if (c->block != BLOCK_SERVER)
			return confine_refuse(c, words, "it belongs into server { }");
		/* The ";" behind it goes too. */
		confine_put(c, c->in.from[0], c->in.at, lines->data);
		return CONFINE_DONE;
	}
	if (words->len == 2 && (strcmp(words->v[1], "mime.types") == 0 ||
				strcmp(words->v[1], "proxy_params") == 0))
		return 0;
	(void)confine_refuse(c, words, "files of the host are not read");
	return err_hint(
		c->err,
		"include {{ $.DOKKU_ROOT }}/{{ $.APP }}/nginx.conf.d/*.conf; takes "
		"in the lines that plugins and the administrator have for the app");
}

static int judge_log(struct confine *c, const struct strv *words)
{
	AUTO_FREE char *key = xasprintf("%.*s-log-path", (int)strcspn(words->v[0], "_"),
					words->v[0]);
	static const char *const kinds[] = { "access", "error" };
	const char *path = words->len > 1 ? words->v[1] : "";

	if (strcmp(path, "off") == 0 && strcmp(key, "access-log-path") == 0)
		return 0;
	if ((strcmp(path, nginx_value(c->want->set, key)) == 0 &&
	     !nginx_log_is_off(path)) ||
	    (strcmp(path, "/var/log/nginx/error.log") == 0 && words->len == 3 &&
	     strcmp(words->v[2], "emerg") == 0))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		AUTO_FREE char *own = xasprintf("/var/log/nginx/%s-%s.log",
						c->want->v->app, kinds[i]);

		if (strcmp(path, own) == 0)
			return 0;
	}
	return confine_refuse(c, words,
			      "a log of this app's is {{ $.NGINX_ACCESS_LOG_PATH }} or "
			      "{{ $.NGINX_ERROR_LOG_PATH }}; davit nginx:set %s %s has "
			      "another place",
			      c->want->v->app, key);
}

/* Below this root no symlink is anybody's but ours. */
static int judge_tree(struct confine *c, const struct strv *words)
{
	AUTO_FREE char *ours = xasprintf("%s/", paths_share());

	if (strncmp(words->v[1], ours, strlen(ours)) == 0)
		return 0;
	return confine_refuse(
		c, words,
		"files of the host are not served: pages come from the app; "
		"those for errors are in {{ $.DOKKU_LIB_ROOT }}"
		"/data/nginx-vhosts/dokku-errors");
}

/* The certificate says whom nginx asks for it, from within the host's network. */
static int judge_stapling(struct confine *c, const struct strv *words)
{
	if (words->len == 2 && strcmp(words->v[1], "off") == 0)
		return 0;
	return confine_refuse(c, words, "leave it out: authorities have given it up");
}

/* --- memory and shared zones --------------------------------------------------------------------- */

static int judge_memory(struct confine *c, const struct strv *words)
{
	bool kept = strcmp(words->v[0], "keepalive") == 0;
	long max = kept ? KEPT_MAX
		   : strstr(words->v[0], "hash") || strstr(words->v[0], "cache")
			   ? COUNT_MAX
			   : NGINX_MEMORY_MAX;
	long all = 1;

	for (size_t i = 1; i < words->len; i++) {
		long n = nginx_amount(words->v[i]);

		if (n < 0)
			continue;
		all = n > max || (n && all > max / n) ? max + 1 : all * (n ? n : 1);
	}
	if (all <= max)
		return 0;
	return confine_refuse(c, words, "that is too much: at most %ld%s", max,
			      max == NGINX_MEMORY_MAX ? " bytes in all" : "");
}

/* The size behind a zone's name; all zones of an app have a bound together. */
static int count_zone(struct confine *c, const struct strv *words, const char *size)
{
	long n = nginx_amount(size);

	if (n >= 0)
		c->zone_bytes += n;
	if (n < 0 || c->zone_bytes > NGINX_MEMORY_MAX)
		return confine_refuse(c, words,
				      "zones of an app have sizes as 1m, and at most %dm "
				      "together",
				      NGINX_MEMORY_MAX >> 20);
	return 0;
}

/* "zone=NAME:1m" and the like: nothing in it needs quotes. */
static bool is_zone_word(const char *word)
{
	return strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_-.=:") == strlen(word);
}

/* In word i, the name that begins at `at` and ends before one of `ends`. */
static void put_zone(struct confine *c, const struct strv *words, size_t i, size_t at,
		     size_t len)
{
	const char *word = words->v[i];
	AUTO_FREE char *name = xstrndup(word + at, len);
	AUTO_FREE char *own = confine_zone(c, name);

	confine_word(c, i, xasprintf("%.*s%s%s", (int)at, word, own, word + at + len));
}

/* A zone that is defined here is the app's; one of the administrator's may be used; one
 * of another app's may not. */
static int judge_zone_use(struct confine *c, const struct strv *words)
{
	bool defines = strcmp(words->v[0], "limit_req_zone") == 0 ||
		       strcmp(words->v[0], "limit_conn_zone") == 0;
	bool connections = strcmp(words->v[0], "limit_conn") == 0;

	for (size_t i = 1; i < words->len; i++) {
		const char *word = words->v[i];
		size_t at = connections ? 0 : 5;
		size_t len;

		if (connections ? i != 1 : strncmp(word, "zone=", 5) != 0)
			continue;
		len = strcspn(word + at, ":");

		AUTO_FREE char *name = xstrndup(word + at, len);

		if (defines &&
		    count_zone(c, words, word + at + len + (word[at + len] == ':')) < 0)
			return -1;
		if (!is_zone_word(word) || strncmp(name, "davit_", 6) == 0)
			return confine_refuse(c, words,
					      "%.60s is not a zone of this app's", name);
		if (strv_find(&c->zones, name) >= 0)
			put_zone(c, words, i, at, len);
	}
	return 0;
}

/* upstream { zone NAME [SIZE]; } */
static int judge_zone(struct confine *c, const struct strv *words)
{
	if (words->len != 3 || !is_zone_word(words->v[1]))
		return confine_refuse(c, words, "write zone NAME SIZE;");
	if (count_zone(c, words, words->v[2]) < 0)
		return -1;
	put_zone(c, words, 1, 0, strlen(words->v[1]));
	return 0;
}

static int judge_session_cache(struct confine *c, const struct strv *words)
{
	for (size_t i = 1; i < words->len; i++) {
		const char *word = words->v[i];
		size_t len = strncmp(word, "shared:", 7) == 0 ? strcspn(word + 7, ":")
							      : 0;

		if (strncmp(word, "shared:", 7) != 0)
			continue;
		if (word[7 + len] != ':' || !is_zone_word(word))
			return confine_refuse(c, words, "write shared:NAME:SIZE");
		if (count_zone(c, words, word + 8 + len) < 0)
			return -1;
		put_zone(c, words, i, 7, len);
	}
	return 0;
}

/* Variables of davit's own, and those of other apps. */
static int judge_set(struct confine *c, const struct strv *words)
{
	if (words->len > 1 && strncmp(words->v[1], "$davit_", 7) == 0)
		return confine_refuse(c, words,
				      "names of davit's own begin so: take "
				      "another");
	return 0;
}

confine_judge *confine_judge_of(const char *directive)
{
	static const struct {
		const char *name;
		confine_judge *judge;
	} judges[] = {
		{ "access_log", judge_log },
		{ "alias", judge_tree },
		{ "auth_request_set", judge_set },
		{ "error_log", judge_log },
		{ "grpc_bind", judge_bind },
		{ "grpc_pass", judge_pass },
		{ "include", judge_include },
		{ "keepalive", judge_memory },
		{ "limit_conn", judge_zone_use },
		{ "limit_conn_zone", judge_zone_use },
		{ "limit_req", judge_zone_use },
		{ "limit_req_zone", judge_zone_use },
		{ "listen", judge_listen },
		{ "map", judge_set },
		{ "open_file_cache", judge_memory },
		{ "proxy_bind", judge_bind },
		{ "proxy_pass", judge_pass },
		{ "root", judge_tree },
		{ "server", judge_server },
		{ "server_name", judge_server_name },
		{ "set", judge_set },
		{ "ssl_session_cache", judge_session_cache },
		{ "ssl_stapling", judge_stapling },
		{ "upstream", judge_upstream },
		{ "zone", judge_zone },
	};

	for (size_t i = 0; i < sizeof judges / sizeof *judges; i++)
		if (strcmp(judges[i].name, directive) == 0)
			return judges[i].judge;
	return strstr(directive, "buffer") || strstr(directive, "_hash_") ? judge_memory
									  : NULL;
}
