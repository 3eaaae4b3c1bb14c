/* SPDX-License-Identifier: MIT */
/* ports:add, :remove, :set and :clear. */
#include <string.h>

#include "plugins/ports/ports.h"
#include "serve/vhost.h"
#include "store/property.h"
#include "util/cleanup.h"

/* What is new must be spoken by its port. */
static int check_new(struct request *req, const struct strv *maps, const struct strv *was,
		     struct err *err)
{
	struct port_map m;

	if (maps->len > VHOST_PORTS_MAX)
		return err_set(err, ERR_REFUSED, "more than %d port mappings",
			       VHOST_PORTS_MAX);
	strv_foreach(map, maps) {
		if (strv_find(was, map) < 0 &&
		    (ports_parse(map, &m, err) < 0 ||
		     speech_check(req->st, &req->app, &m, err) < 0))
			return -1;
	}
	return 0;
}

/* In one transaction: no other app may say something else in between. */
static int write_maps(struct request *req, const struct strv *maps, struct strv *was,
		      struct err *err)
{
	if (store_begin(req->st, err) < 0)
		return -1;
	if (ports_configured(req->st, req->app.id, was, err) < 0 ||
	    check_new(req, maps, was, err) < 0 ||
	    property_list_set(req->st, req->app.id, "ports", "map", maps, err) < 0) {
		store_rollback(req->st);
		return -1;
	}
	return store_commit(req->st, err);
}

/* Write the maps and let the proxy follow; where it cannot, the old maps stay. */
static int change(struct request *req, const struct strv *maps, const char *action,
		  struct err *err)
{
	AUTO(strv_release) struct strv was = STRV_INIT;
	struct err ignored;

	if (write_maps(req, maps, &was, err) < 0)
		return -1;
	if (trigger(req->st, req->out, err, TRIGGER_POST_PROXY_PORTS_UPDATE,
		    req->app.name, action, NULL) >= 0)
		return 0;
	(void)property_list_set(req->st, req->app.id, "ports", "map", &was, &ignored);
	return err_context(err, "the ports of %s are as they were", req->app.name);
}

static bool excludes(const struct port_map *a, const struct port_map *b)
{
	enum port_speech one = speech_of(a->scheme);
	enum port_speech other = speech_of(b->scheme);

	return strcmp(a->scheme, b->scheme) == 0 || (one && other && one != other);
}

static int is_mapped(const struct port_map *m, const struct port_map *other,
		     struct err *err)
{
	if (strcmp(other->scheme, m->scheme) == 0)
		return err_set(err, ERR_REFUSED, "%s:%ld is mapped to %ld already",
			       m->scheme, m->host, other->container);
	return err_set(err, ERR_REFUSED,
		       "port %ld is mapped as %s already, and speaks that alone", m->host,
		       other->scheme);
}

/* Add a checked map; two maps of a host port may neither have the same scheme nor speak
 * differently. */
static int add_map(struct strv *maps, const char *app, const char *word, struct err *err)
{
	struct port_map m;
	struct port_map other;

	if (ports_parse(word, &m, err) < 0)
		return -1;
	strv_foreach(map, maps) {
		if (ports_parse(map, &other, err) < 0)
			return -1;
		if (other.host != m.host || !excludes(&other, &m))
			continue;
		(void)is_mapped(&m, &other, err);
		return err_hint(err,
				"remove that mapping first: davit ports:remove %s %s",
				app, map);
	}
	strv_addf(maps, "%s:%ld:%ld", m.scheme, m.host, m.container);
	return 0;
}

static int add_words(struct request *req, struct strv *maps, struct err *err)
{
	for (int i = 1; i < req->argc; i++)
		if (add_map(maps, req->app.name, req->argv[i], err) < 0)
			return -1;
	return 0;
}

int ports_cmd_add(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;

	if (ports_configured(req->st, req->app.id, &maps, err) < 0 ||
	    add_words(req, &maps, err) < 0)
		return -1;
	return change(req, &maps, "add", err);
}

int ports_cmd_set(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;

	if (add_words(req, &maps, err) < 0)
		return -1;
	return change(req, &maps, "set", err);
}

int ports_cmd_clear(struct request *req, struct err *err)
{
	static const struct strv none = STRV_INIT;

	return change(req, &none, "clear", err);
}

/* A word is a whole map, or the host port of one or more. */
static int remove_word(struct strv *maps, const char *app, const char *word,
		       struct err *err)
{
	size_t before = maps->len;
	long port;
	bool is_port = name_to_int(word, 1, 65535, &port);
	struct port_map m;

	if (!is_port && ports_parse(word, &m, err) < 0)
		return -1;
	for (size_t i = maps->len; i > 0; i--) {
		if (ports_parse(maps->v[i - 1], &m, err) < 0)
			return -1;
		if (is_port ? m.host == port : strcmp(maps->v[i - 1], word) == 0)
			strv_remove(maps, i - 1);
	}
	if (maps->len < before)
		return 0;
	(void)err_set(err, ERR_REFUSED, "there is no mapping %s", word);
	return err_hint(err, "davit ports:list %s", app);
}

int ports_cmd_remove(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv maps = STRV_INIT;

	if (ports_configured(req->st, req->app.id, &maps, err) < 0)
		return -1;
	for (int i = 1; i < req->argc; i++)
		if (remove_word(&maps, req->app.name, req->argv[i], err) < 0)
			return -1;
	return change(req, &maps, "remove", err);
}
