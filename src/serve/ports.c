/* SPDX-License-Identifier: MIT */
#include "serve/ports.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "serve/domains.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* Where the search for a free port begins: above what people type by hand. */
enum { FREE_FIRST = 8001, FREE_LAST = 65000 };
enum { DEFAULT_CONTAINER_PORT = 5000 };

static int bad_map(const char *word, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "Invalid port mapping %.200s", word);
	return err_hint(err, "a mapping is <scheme>:<host-port>:<container-port>, e.g. "
			     "http:80:5000");
}

int ports_parse(const char *word, struct port_map *map, struct err *err)
{
	AUTO(strv_release) struct strv parts = STRV_INIT;
	struct port_map m = { .host = 0 };
	size_t n;

	strv_split(&parts, word, ":");
	if (parts.len != 3 || strstr(word, "::"))
		return bad_map(word, err);
	n = strspn(parts.v[0], "abcdefghijklmnopqrstuvwxyz");
	if (n == 0 || parts.v[0][n] || n >= sizeof m.scheme ||
	    !name_to_int(parts.v[1], 1, 65535, &m.host) ||
	    !name_to_int(parts.v[2], 1, 65535, &m.container))
		return bad_map(word, err);
	memcpy(m.scheme, parts.v[0], n + 1);
	*map = m;
	return 0;
}

int ports_configured(struct store *st, int64_t app_id, struct strv *maps, struct err *err)
{
	return property_list(st, app_id, "ports", "map", maps, err);
}

/* Would a server be able to take this port on every address? */
static bool port_is_free(long port)
{
	AUTO_CLOSE int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	AUTO_CLOSE int four = -1;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons((in_port_t)port),
				    .sin6_addr = in6addr_any };
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons((in_port_t)port),
				   .sin_addr.s_addr = htonl(INADDR_ANY) };
	int yes = 1;

	if (fd >= 0) {
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
		if (bind(fd, (struct sockaddr *)&six, sizeof six) < 0)
			return false;
	}
	four = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (four < 0)
		return false;
	(void)setsockopt(four, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	return bind(four, (struct sockaddr *)&any, sizeof any) == 0;
}

int ports_free(struct store *st, long *port, struct err *err)
{
	AUTO(strv_release) struct strv taken = STRV_INIT;
	char text[24];

	if (property_everywhere(st, "ports", "allocated", &taken, err) < 0 ||
	    property_everywhere(st, "proxy", "proxy-port", &taken, err) < 0 ||
	    property_everywhere(st, "proxy", "proxy-ssl-port", &taken, err) < 0)
		return -1;
	for (long p = FREE_FIRST; p <= FREE_LAST; p++) {
		enum port_speech speech;

		(void)snprintf(text, sizeof text, "%ld", p);
		if (strv_find(&taken, text) >= 0 || !port_is_free(p))
			continue;
		if (speech_on(st, STORE_GLOBAL, p, &speech, err) < 0)
			return -1;
		if (speech == SPEAKS_NOTHING) {
			*port = p;
			return 0;
		}
	}
	return err_set(err, ERR_HOST, "no free port between %d and %d", FREE_FIRST,
		       FREE_LAST);
}

/* The port that was taken for an app without a name; taken now where that can be written
 * down. */
static int allocated(struct store *st, int64_t app_id, long *port, struct err *err)
{
	AUTO_FREE char *value = NULL;
	char text[24];
	int rc = property_find(st, app_id, "ports", "allocated", &value, err);

	if (rc < 0)
		return -1;
	if (rc == 0 && name_to_int(value, 1, 65535, port))
		return 0;
	if (!st->writable)
		return PORTS_UNKNOWN;
	if (store_begin(st, err) < 0)
		return -1;
	if (ports_free(st, port, err) < 0 ||
	    snprintf(text, sizeof text, "%ld", *port) < 0 ||
	    property_set(st, app_id, "ports", "allocated", text, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int ports_proxy_port(struct store *st, const struct app *app, long *port, struct err *err)
{
	AUTO_FREE char *value = NULL;
	AUTO(strv_release) struct strv hosts = STRV_INIT;

	if (property_get(st, PROPERTY(app->id, "proxy", "proxy-port"), "", &value, err) <
		    0 ||
	    domains_served(st, app, &hosts, err) < 0)
		return -1;
	if (name_to_int(value, 1, 65535, port))
		return 0;
	if (hosts.len == 0)
		return allocated(st, app->id, port, err);
	*port = 80;
	return 0;
}

int ports_ssl_port(struct store *st, int64_t app_id, long *port, struct err *err)
{
	AUTO_FREE char *value = NULL;

	if (property_get(st, PROPERTY(app_id, "proxy", "proxy-ssl-port"), "", &value,
			 err) < 0)
		return -1;
	if (!name_to_int(value, 1, 65535, port))
		*port = 443;
	return 0;
}

/* One stored map in effect: 80 is the proxy port, and with a certificate https comes
 * beside it. */
static int add_detected(struct strv *maps, const char *stored, const long ports[2],
			bool tls, struct err *err)
{
	struct port_map m = { .host = 0 };

	if (ports_parse(stored, &m, err) < 0)
		return -1;
	if (strcmp(m.scheme, "http") != 0 || m.host != 80) {
		strv_add(maps, stored);
		return 0;
	}
	strv_addf(maps, "http:%ld:%ld", ports[0], m.container);
	if (tls)
		strv_addf(maps, "https:%ld:%ld", ports[1], m.container);
	return 0;
}

int ports_detected(struct store *st, const struct app *app, bool tls, struct strv *maps,
		   struct err *err)
{
	AUTO(strv_release) struct strv stored = STRV_INIT;
	long ports[2];
	int rc;

	if (property_list(st, app->id, "ports", "map-detected", &stored, err) < 0 ||
	    ports_ssl_port(st, app->id, &ports[1], err) < 0)
		return -1;
	rc = ports_proxy_port(st, app, &ports[0], err);
	if (rc != 0)
		return rc;
	if (stored.len == 0)
		strv_addf(&stored, "http:80:%d", DEFAULT_CONTAINER_PORT);
	strv_foreach(map, &stored) {
		if (add_detected(maps, map, ports, tls, err) < 0)
			return -1;
	}
	return 0;
}

int ports_of_app(struct store *st, const struct app *app, bool tls, struct strv *maps,
		 struct err *err)
{
	if (ports_configured(st, app->id, maps, err) < 0)
		return -1;
	return maps->len ? 0 : ports_detected(st, app, tls, maps, err);
}
