/* SPDX-License-Identifier: MIT */
#include "root/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root/cgroup.h"
#include "root/container.h"
#include "root/logs.h"
#include "root/pidfile.h"
#include "root/request.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"

#define SOCKETS_MAX     (64u << 20)
#define TCP_ESTABLISHED 0x01
#define TCP_LISTEN      0x0A

static bool has_port(const json_t *ports, long port)
{
	json_t *v;
	size_t i;

	json_array_foreach(ports, i, v) {
		if (json_integer_value(v) == port)
			return true;
	}
	return false;
}

/* "  0: 0100007F:1F90 00000000:0000 0A …": local port and state. */
static bool parse_line(const char *line, long *port, long *state)
{
	unsigned long p;
	unsigned long s;
	const char *colon = strchr(line, ':');
	char *end;

	colon = colon ? strchr(colon + 1, ':') : NULL;
	if (!colon)
		return false;
	p = strtoul(colon + 1, &end, 16);
	end = *end == ' ' ? strchr(end + 1, ' ') : NULL;
	if (!end || p > 65535)
		return false;
	s = strtoul(end + 1, &end, 16);
	*port = (long)p;
	*state = (long)(s & 0xff);
	return *end == ' ';
}

long state_sockets(const char *text, json_t *ports)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	long count = 0;
	long port;
	long state;

	strv_split(&lines, text, "\n");
	strv_foreach(line, &lines) {
		if (parse_line(line, &port, &state) && state == TCP_LISTEN &&
		    !has_port(ports, port))
			(void)json_array_append_new(ports, json_integer(port));
	}
	strv_foreach(again, &lines) {
		if (parse_line(again, &port, &state) && state == TCP_ESTABLISHED)
			count += has_port(ports, port);
	}
	return count;
}

/* Both families in one text: a socket of IPv6 takes connections of IPv4 too. */
static void add_sockets(const json_t *state, json_t *reply)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	json_int_t pid = json_integer_value(json_object_get(state, "pid"));
	json_t *ports = json_array();
	struct err ignored;
	long count;

	for (int i = 0; i < 2; i++) {
		AUTO_FREE char *path = xasprintf("/proc/%lld/net/tcp%s", (long long)pid,
						 i ? "6" : "");
		AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			(void)fs_read_fd(fd, SOCKETS_MAX, &text, &ignored);
	}
	count = state_sockets(text.data, ports);
	(void)json_object_set_new(reply, "listening", ports);
	(void)json_object_set_new(reply, "connections", json_integer(count));
}

bool state_oom(const char *id, const json_t *state, long *kills)
{
	const char *group = json_string_value(json_object_get(state, "cgroup"));
	AUTO_FREE char *file = container_path(id, "persist/oom");

	*kills = group ? cgroup_oom_kills(group) : 0;
	return *kills > 0 || fs_exists(file);
}

static void describe(const json_t *state, json_t *reply)
{
	static const char *const copied[] = { "app",     "kind",  "pid", "address",
					      "started", "since", "log" };
	const char *id = json_string_value(json_object_get(state, "id"));
	const char *log = json_string_value(json_object_get(state, "log"));
	bool alive = container_alive(state, "pid");
	int code = alive ? -1 : pidfile_await_code(id, state);
	long kills;
	bool oom = state_oom(id, state, &kills);

	if (log)
		logs_mend(log);
	for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
		json_t *v = json_object_get(state, copied[i]);

		if (v)
			(void)json_object_set(reply, copied[i], v);
	}
	(void)json_object_set_new(reply, "state",
				  json_string(alive ? "running" : "stopped"));
	(void)json_object_set_new(reply, "watched",
				  json_boolean(container_alive(state, "conmon")));
	(void)json_object_set_new(reply, "oom_kills", json_integer(kills));
	(void)json_object_set_new(reply, "oom", json_boolean(oom));
	/* Nobody was left to note the end: it was no good one. */
	if (!alive)
		(void)json_object_set_new(reply, "code",
					  json_integer(code < 0 ? 137 : code));
}

int verb_state(const json_t *op, json_t *reply, struct err *err)
{
	json_t *state = NULL;
	const char *id = NULL;
	int rc;

	if (request_id(op, "id", &id, err) < 0)
		return -1;
	rc = container_load(id, &state, err);
	if (rc < 0)
		return -1;
	if (rc == CONTAINER_ABSENT) {
		(void)json_object_set_new(reply, "state", json_string("absent"));
		return 0;
	}
	describe(state, reply);
	if (container_alive(state, "pid"))
		add_sockets(state, reply);
	json_decref(state);
	return 0;
}

int verb_list(const json_t *op, json_t *reply, struct err *err)
{
	AUTO(strv_release) struct strv ids = STRV_INIT;
	json_t *list = json_array();

	(void)op;
	(void)json_object_set_new(reply, "instances", list);
	container_list(&ids);
	strv_foreach(id, &ids) {
		json_t *state = NULL;
		json_t *one;

		if (container_load(id, &state, err) != 0)
			continue;
		one = json_pack("{s:s}", "id", id);
		describe(state, one);
		(void)json_array_append_new(list, one);
		json_decref(state);
	}
	return 0;
}
