/* SPDX-License-Identifier: MIT */
#include "serve/urls.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "serve/domains.h"
#include "store/domain.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* Source address of a route to somewhere far; connecting a datagram socket sends nothing.
 * The targets are documentation addresses. */
static bool source_address(int family, const struct sockaddr *to, socklen_t len,
			   char out[URLS_ADDRESS])
{
	AUTO_CLOSE int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage own;
	socklen_t own_len = sizeof own;
	char text[INET6_ADDRSTRLEN];

	if (fd < 0 || connect(fd, to, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &own_len) < 0)
		return false;
	if (family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)&own;

		return inet_ntop(AF_INET, &four->sin_addr, out, URLS_ADDRESS) != NULL;
	}
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&own;

	if (!inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text))
		return false;
	(void)snprintf(out, URLS_ADDRESS, "[%s]", text);
	return true;
}

const char *urls_host_address(char out[URLS_ADDRESS])
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(9) };

	(void)inet_pton(AF_INET, "198.51.100.1", &four.sin_addr);
	(void)inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
	if (source_address(AF_INET, (struct sockaddr *)&four, sizeof four, out) ||
	    source_address(AF_INET6, (struct sockaddr *)&six, sizeof six, out))
		return out;
	(void)snprintf(out, URLS_ADDRESS, "127.0.0.1");
	return out;
}

static void add_url(struct strv *urls, const char *host, const struct port_map *m)
{
	bool usual = m->host == (strcmp(m->scheme, "https") == 0 ? 443 : 80);

	if (usual)
		strv_addf(urls, "%s://%s", m->scheme, host);
	else
		strv_addf(urls, "%s://%s:%ld", m->scheme, host, m->host);
}

/* By what an app without a name is reached on a port of its own: the host's first domain, which
 * may be an address.  NULL: none is set. */
static int host_name(struct store *st, char **name, struct err *err)
{
	AUTO(strv_release) struct strv globals = STRV_INIT;

	*name = NULL;
	if (domain_list(st, STORE_GLOBAL, &globals, err) < 0)
		return -1;
	strv_foreach(global, &globals) {
		if (*name || domains_is_pattern(global))
			continue;
		*name = strchr(global, ':') ? xasprintf("[%s]", global) : xstrdup(global);
	}
	return 0;
}

/* Ports that all apps share know it by the host's address alone. */
static int add_nameless(struct store *st, const struct strv *maps, const char *scheme,
			struct strv *urls, struct err *err)
{
	AUTO_FREE char *name = NULL;
	char address[URLS_ADDRESS];
	struct port_map m;

	if (host_name(st, &name, err) < 0)
		return -1;
	(void)urls_host_address(address);
	strv_foreach(map, maps) {
		if (ports_parse(map, &m, err) < 0)
			return -1;
		if (strcmp(m.scheme, scheme) == 0)
			add_url(urls,
				name && m.host != 80 && m.host != 443 ? name : address,
				&m);
	}
	return 0;
}

/* All mappings of one scheme, by one name. */
static int add_named(const char *host, const struct strv *maps, const char *scheme,
		     struct strv *urls, struct err *err)
{
	struct port_map m;

	strv_foreach(map, maps) {
		if (ports_parse(map, &m, err) < 0)
			return -1;
		if (strcmp(m.scheme, scheme) == 0)
			add_url(urls, host, &m);
	}
	return 0;
}

int urls_of_app(struct store *st, const struct app *app, bool tls, struct strv *urls,
		struct err *err)
{
	static const char *const schemes[] = { "https", "http" };
	AUTO(strv_release) struct strv hosts = STRV_INIT;
	AUTO(strv_release) struct strv maps = STRV_INIT;
	int rc;

	if (domains_served(st, app, &hosts, err) < 0)
		return -1;
	rc = ports_of_app(st, app, tls, &maps, err);
	if (rc != 0)
		return rc;
	for (size_t i = hosts.len; i > 0; i--)
		if (domains_is_pattern(hosts.v[i - 1]))
			strv_remove(&hosts, i - 1);
	for (size_t i = 0; i < 2; i++) {
		if (hosts.len == 0 && add_nameless(st, &maps, schemes[i], urls, err) < 0)
			return -1;
		strv_foreach(host, &hosts)
			if (add_named(host, &maps, schemes[i], urls, err) < 0)
				return -1;
	}
	return 0;
}
