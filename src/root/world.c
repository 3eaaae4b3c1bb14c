/* SPDX-License-Identifier: MIT */
#include "root/world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "root/request.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/name.h"

#define LIST_MAX 128
#define NOFILE   65536
#define SHM_MAX  ((long)1 << 40)

/* Not nice, rtprio and rttime: they take the processor from others. */
static const struct {
	const char *name;
	int resource;
} limits[] = {
	{ "as", RLIMIT_AS },           { "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },         { "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },     { "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK }, { "msgqueue", RLIMIT_MSGQUEUE },
	{ "nofile", RLIMIT_NOFILE },   { "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },         { "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

static int resource_of(const char *name)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (strcmp(limits[i].name, name) == 0)
			return limits[i].resource;
	return -1;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	       inet_pton(AF_INET6, text, bytes) == 1;
}

/* "10.0.0.1 name", as in a hosts file. */
static bool is_host_line(const char *text)
{
	const char *blank = strchr(text, ' ');
	AUTO_FREE char *address = blank ? xstrndup(text, (size_t)(blank - text)) : NULL;

	return address && is_address(address) && blank[1] != '*' &&
	       name_is_domain(blank + 1);
}

static int take_ulimit(const char *name, const json_t *pair, struct container_ulimit *u,
		       struct err *err)
{
	json_int_t soft = json_integer_value(json_array_get(pair, 0));
	json_int_t hard = json_integer_value(json_array_get(pair, 1));

	u->resource = resource_of(name);
	if (u->resource < 0)
		return err_set(err, ERR_USAGE, "ulimits: no such limit");
	if (json_array_size(pair) != 2 || soft < -1 || hard < -1 ||
	    (hard >= 0 && (soft < 0 || soft > hard)))
		return err_set(err, ERR_USAGE, "ulimits: not a soft and a hard limit");
	u->name = name;
	u->soft = soft;
	u->hard = hard;
	return 0;
}

static int take_ulimits(const json_t *op, struct container *c, struct err *err)
{
	json_t *all = json_object_get(op, "ulimits");
	const char *name;
	json_t *pair;

	if (!all)
		return 0;
	if (!json_is_object(all) || json_object_size(all) > CONTAINER_ULIMITS)
		return err_set(err, ERR_USAGE,
			       "field ulimits: not an object, or too long");
	json_object_foreach(all, name, pair)
		if (take_ulimit(name, pair, &c->ulimits[c->ulimit_count++], err) < 0)
			return -1;
	return 0;
}

int world_parse(const json_t *op, struct container *c, struct err *err)
{
	if ((json_object_get(op, "hosts") &&
	     request_list(op, "hosts", is_host_line, LIST_MAX, &c->hosts, err) < 0) ||
	    (json_object_get(op, "dns") &&
	     request_list(op, "dns", is_address, 3, &c->dns, err) < 0))
		return -1;
	return take_ulimits(op, c, err) < 0 ||
			       request_int(op, "shm",
					   (struct request_range){ 0, SHM_MAX, 0 },
					   &c->shm, err) < 0
		       ? -1
		       : 0;
}

void world_release(struct container *c)
{
	strv_release(&c->hosts);
	strv_release(&c->dns);
}

static json_int_t clamped(int resource, json_int_t want)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)resource, &r) < 0 ||
	    r.rlim_max == RLIM_INFINITY)
		return want;
	return want < 0 || (rlim_t)want > r.rlim_max ? (json_int_t)r.rlim_max : want;
}

static void set_limit(json_t *list, const char *name, int resource, json_int_t soft,
		      json_int_t hard)
{
	char type[32];
	json_t *old;
	size_t i;

	(void)snprintf(type, sizeof type, "RLIMIT_%s", name);
	for (char *p = type; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	json_array_foreach(list, i, old)
		if (strcmp(json_string_value(json_object_get(old, "type")), type) == 0) {
			(void)json_array_remove(list, i);
			break;
		}
	/* The specification has unsigned numbers: "unlimited" is the largest that fits. */
	hard = clamped(resource, hard);
	soft = clamped(resource, soft);
	(void)json_array_append_new(
		list, json_pack("{s:s, s:I, s:I}", "type", type, "hard",
				hard < 0 ? (json_int_t)INT64_MAX : hard, "soft",
				soft < 0 ? (json_int_t)INT64_MAX : soft));
}

json_t *world_rlimits(const struct container *c)
{
	json_t *list = json_array();

	set_limit(list, "nofile", RLIMIT_NOFILE, NOFILE, NOFILE);
	set_limit(list, "core", RLIMIT_CORE, 0, 0);
	for (size_t i = 0; i < c->ulimit_count; i++)
		set_limit(list, c->ulimits[i].name, c->ulimits[i].resource,
			  c->ulimits[i].soft, c->ulimits[i].hard);
	return list;
}
