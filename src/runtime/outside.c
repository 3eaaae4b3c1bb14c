/* SPDX-License-Identifier: MIT */
#include "runtime/outside.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "root/protocol.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/name.h"

static bool restricted;

void outside_restrict(bool on)
{
	restricted = on;
}

/* --- what a URL names ----------------------------------------------------------------- */

static const struct {
	const char *scheme;
	const char *port;
	bool http;
} schemes[] = {
	{ "https://", "443", true },
	{ "http://", "80", true },
	{ "ssh://", "22", false },
	{ "git://", "9418", false },
};

static bool take_host(const char *host, struct outside *o)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-:%";
	size_t len = strlen(host);

	if (len == 0 || len >= sizeof o->host || strspn(host, may) != len)
		return false;
	memcpy(o->host, host, len + 1);
	return true;
}

static bool take_port(const char *port, struct outside *o)
{
	long n;

	if (!name_to_int(port, 1, 65535, &n))
		return false;
	(void)snprintf(o->port, sizeof o->port, "%ld", n); /* "080" is 80 */
	return true;
}

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT"; the port may be empty. */
static bool take_host_and_port(const char *text, size_t len, const char *port,
			       struct outside *o)
{
	char copy[OUTSIDE_HOST + 32];
	char *host = copy;
	char *end;

	if (len >= sizeof copy)
		return false;
	(void)snprintf(copy, sizeof copy, "%.*s", (int)len, text);
	if (*host == '[') {
		end = strchr(++host, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		*end++ = '\0';
	} else {
		end = host + strcspn(host, ":");
	}
	if (*end)
		*end++ = '\0';
	return take_host(host, o) && take_port(*end ? end : port, o);
}

/* USER@HOST:PATH; a registry's name has no '@' before its first slash. */
static bool take_scp_like(const char *url, struct outside *o)
{
	const char *at = strchr(url, '@');
	size_t len = at ? strcspn(at + 1, ":") : 0;

	return at && (size_t)(at - url) < strcspn(url, "/") && at[1 + len] &&
	       take_host_and_port(at + 1, len, "22", o);
}

bool outside_parse(const char *url, struct outside *o)
{
	*o = (struct outside){ .http = false };
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i].scheme);
		const char *host = url + n;
		const char *at;

		if (strncasecmp(url, schemes[i].scheme, n) != 0)
			continue;
		n = strcspn(host, "/?#");
		at = memrchr(host, '@', n);
		o->http = schemes[i].http;
		return at ? take_host_and_port(at + 1, (size_t)(host + n - at - 1),
					       schemes[i].port, o)
			  : take_host_and_port(host, n, schemes[i].port, o);
	}
	return take_scp_like(url, o) ||
	       take_host_and_port(url, strcspn(url, "/"), "443", o);
}

/* --- which addresses are inside --------------------------------------------------------- */

/* Both families as sixteen bytes, as IPv6 writes those of IPv4. */
struct address {
	unsigned char b[16];
};

static struct address address_of(const struct sockaddr *at)
{
	struct address a = { .b = { [10] = 0xff, [11] = 0xff } };

	if (at->sa_family == AF_INET6) {
		const struct sockaddr_in6
			*six = (const struct sockaddr_in6 *)(const void *)at;

		memcpy(a.b, &six->sin6_addr, sizeof a.b);
	} else {
		const struct sockaddr_in
			*four = (const struct sockaddr_in *)(const void *)at;

		memcpy(a.b + 12, &four->sin_addr, 4);
	}
	return a;
}

static bool starts_with(const struct address *a, const char *network, int bits)
{
	struct address n;

	(void)inet_pton(AF_INET6, network, n.b);
	for (int i = 0; i < bits; i++)
		if ((a->b[i / 8] ^ n.b[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

static bool is_special(const struct address *a)
{
	static const struct {
		const char *network;
		int bits;
	} inside[] = {
		{ "::", 127 },                 /* nothing, loopback */
		{ "fe80::", 10 },              /* link-local */
		{ "::ffff:0.0.0.0", 104 },     /* nothing: this host */
		{ "::ffff:127.0.0.0", 104 },   /* loopback */
		{ "::ffff:169.254.0.0", 112 }, /* link-local */
	};

	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		if (starts_with(a, inside[i].network, inside[i].bits))
			return true;
	return false;
}

static bool is_front_door(int port)
{
	return port == 22 || port == 80 || port == 443;
}

/* The bits that the mask of an interface has. */
static bool same_network(const struct address *a, const struct ifaddrs *i)
{
	struct address own = address_of(i->ifa_addr);
	struct address mask = address_of(i->ifa_netmask);

	for (int k = i->ifa_addr->sa_family == AF_INET6 ? 0 : 12; k < 16; k++)
		if ((a->b[k] ^ own.b[k]) & mask.b[k])
			return false;
	return true;
}

static bool is_ours(const struct sockaddr *at, const struct ifaddrs *i, int port)
{
	struct address a = address_of(at);
	struct address own = address_of(i->ifa_addr);

	if (strcmp(i->ifa_name, NET_BRIDGE) == 0 && i->ifa_netmask &&
	    starts_with(&a, "::ffff:0.0.0.0", 96) ==
		    (i->ifa_addr->sa_family == AF_INET) &&
	    same_network(&a, i))
		return true;
	return memcmp(&a, &own, sizeof a) == 0 && !is_front_door(port);
}

bool outside_may(const struct sockaddr *at)
{
	struct address a;
	struct ifaddrs *list;
	bool may = true;
	int port;

	if (!restricted)
		return true;
	if (at->sa_family != AF_INET && at->sa_family != AF_INET6)
		return false;
	a = address_of(at);
	/* The port stands at the same place in both. */
	port = ntohs(((const struct sockaddr_in *)(const void *)at)->sin_port);
	if (is_special(&a) || getifaddrs(&list) < 0)
		return false;
	for (const struct ifaddrs *i = list; i && may; i = i->ifa_next)
		if (i->ifa_addr && (i->ifa_addr->sa_family == AF_INET ||
				    i->ifa_addr->sa_family == AF_INET6))
			may = !is_ours(at, i, port);
	freeifaddrs(list);
	return may;
}

/* --- a host by its name ----------------------------------------------------------------- */

int outside_refuse(const char *name, struct err *err)
{
	(void)err_set(err, ERR_REFUSED,
		      "%.200s leads inside: to this host, its apps or its link", name);
	return err_hint(err, "name one that the outside reaches; or have an admin do it, "
			     "who may name any");
}

/* Its addresses, with commas between: "192.0.2.1,2001:db8::1". */
static int resolve(const struct outside *o, struct buf *addresses, struct err *err)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	char text[INET6_ADDRSTRLEN];
	bool may = true;
	int rc = getaddrinfo(o->host, o->port, &want, &list);

	if (rc != 0) {
		(void)err_set(err, ERR_REFUSED, "the host %s is not found: %s", o->host,
			      gai_strerror(rc));
		return err_hint(err, "is it spelled right?  getent hosts %s", o->host);
	}
	for (const struct addrinfo *i = list; i; i = i->ai_next) {
		may = may && outside_may(i->ai_addr);
		if (getnameinfo(i->ai_addr, i->ai_addrlen, text, sizeof text, NULL, 0,
				NI_NUMERICHOST) == 0)
			buf_addf(addresses, "%s%s", addresses->len ? "," : "", text);
	}
	freeaddrinfo(list);
	return may ? 0 : outside_refuse(o->host, err);
}

static int look(const char *url, struct outside *o, struct buf *addresses,
		struct err *err)
{
	if (!outside_parse(url, o))
		return err_set(err, ERR_USAGE, "'%.200s' names no host", url);
	return resolve(o, addresses, err);
}

int outside_check(const char *url, struct err *err)
{
	AUTO(buf_release) struct buf addresses = BUF_INIT;
	struct outside o;

	return restricted ? look(url, &o, &addresses, err) : 0;
}

int outside_git(const char *url, struct strv *options, struct err *err)
{
	AUTO(buf_release) struct buf addresses = BUF_INIT;
	struct outside o;

	if (!restricted)
		return 0;
	if (look(url, &o, &addresses, err) < 0)
		return -1;
	if (!o.http)
		return 0;
	strv_add(options, "-c");
	strv_addf(options, "http.curloptResolve=%s:%s:%s", o.host, o.port,
		  addresses.data);
	strv_add(options, "-c");
	strv_add(options, "http.followRedirects=false");
	return 0;
}
