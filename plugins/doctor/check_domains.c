/* SPDX-License-Identifier: MIT */
/*
 * Do the names of the apps lead to this host?  All are asked for at once and for a moment
 * only: a host without DNS is told so, and not waited for.  Behind a router the address
 * of the world is none of ours: what is found here is a note.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <string.h>

#include "plugins/doctor/doctor.h"
#include "serve/domains.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

enum { NAMES_MAX = 256, WAIT_MS = 500 };

/* What the resolver writes to outlives us: a name may be answered for too late. */
struct question {
	char *name;
	char *app;
	struct gaicb cb;
	struct addrinfo want;
};

static struct question *asked[NAMES_MAX];
static size_t asked_count;

static void ask(const char *app, const char *name)
{
	struct question *q;

	if (asked_count == NAMES_MAX || name[0] == '*')
		return;
	q = xcalloc(1, sizeof *q);
	q->name = xstrdup(name);
	q->app = xstrdup(app);
	q->want.ai_socktype = SOCK_STREAM;
	q->cb.ar_name = q->name;
	q->cb.ar_request = &q->want;
	asked[asked_count++] = q;
}

static void ask_all(const struct doctor *d)
{
	asked_count = 0;
	strv_foreach(name, &d->apps) {
		AUTO(strv_release) struct strv hosts = STRV_INIT;
		struct app app;
		struct err ignored;

		if (app_find(d->st, name, &app, &ignored) == 0)
			(void)domains_served(d->st, &app, &hosts, &ignored);
		strv_foreach(host, &hosts)
			ask(name, host);
	}
}

static bool wait_for_answers(void)
{
	struct gaicb *list[NAMES_MAX];
	int64_t deadline = clock_ms() + WAIT_MS;

	for (size_t i = 0; i < asked_count; i++)
		list[i] = &asked[i]->cb;
	if (getaddrinfo_a(GAI_NOWAIT, list, (int)asked_count, NULL) != 0)
		return false;
	for (size_t i = 0; i < asked_count; i++)
		while (gai_error(&asked[i]->cb) == EAI_INPROGRESS &&
		       clock_ms() < deadline)
			clock_sleep_ms(2);
	return true;
}

static void address_text(const struct sockaddr *a, char out[INET6_ADDRSTRLEN])
{
	out[0] = '\0';
	if (a && a->sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, out,
				INET6_ADDRSTRLEN);
	else if (a && a->sa_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr,
				out, INET6_ADDRSTRLEN);
}

static void own_addresses(struct strv *own)
{
	struct ifaddrs *all = NULL;
	char text[INET6_ADDRSTRLEN];

	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		address_text(a->ifa_addr, text);
		if (*text)
			strv_add(own, text);
	}
	freeifaddrs(all);
}

static void judge(struct doctor *d, const struct question *q, const struct strv *own)
{
	AUTO_FREE char *cure = xasprintf("dig +short %s; davit domains:report %s",
					 q->name, q->app);
	char text[INET6_ADDRSTRLEN] = "";

	for (const struct addrinfo *a = q->cb.ar_result; a; a = a->ai_next) {
		address_text(a->ai_addr, text);
		if (strv_find(own, text) >= 0)
			return;
	}
	doctor_found(d, NOTE, cure,
		     "%s of %s leads to %s, which is no address of this "
		     "host",
		     q->name, q->app, text);
}

void doctor_check_domains(struct doctor *d)
{
	AUTO(strv_release) struct strv own = STRV_INIT;
	size_t silent = 0;

	ask_all(d);
	if (!asked_count || !wait_for_answers())
		return;
	own_addresses(&own);
	for (size_t i = 0; i < asked_count; i++) {
		const struct question *q = asked[i];
		int rc = gai_error(&asked[i]->cb);

		if (rc == 0)
			judge(d, q, &own);
		else if (rc == EAI_INPROGRESS || rc == EAI_AGAIN)
			silent++;
		else
			doctor_found(d, NOTE, "point the name at this host",
				     "%s of %s is not known to DNS", q->name, q->app);
	}
	if (silent)
		doctor_found(d, NOTE, "cat /etc/resolv.conf",
			     "DNS did not answer within half a second for %zu name%s",
			     silent, silent == 1 ? "" : "s");
}
