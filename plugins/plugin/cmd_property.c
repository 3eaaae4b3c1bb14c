/* SPDX-License-Identifier: MIT */
/* plugin:property VERB PLUGIN APP ...: what the property functions of plugins call. */
#include <string.h>

#include "plugins/plugin/place.h"
#include "plugins/plugin/trees.h"
#include "util/alloc.h"
#include "util/cleanup.h"

struct call {
	struct place place;
	struct store *st;
	struct out *out;
	const char *words[4]; /* after the app: KEY, VALUE, ...; NULL where not given */
};

typedef int verb_fn(struct call *c, struct err *err);

/* Lines of a list, each ended by a newline. */
static int load_list(const struct call *c, struct strv *lines, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;

	if (place_load(&c->place, c->words[0], &value, err) < 0)
		return -1;
	strv_split(lines, value.data, "\n");
	return 0;
}

static int save_list(const struct call *c, const struct strv *lines, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;

	strv_foreach(line, lines)
		buf_addf(&value, "%s\n", line);
	return place_save(&c->place, c->words[0], &value, err);
}

static int get(struct call *c, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	int rc = place_load(&c->place, c->words[0], &value, err);

	if (rc < 0)
		return -1;
	buf_chomp(&value);
	out_line(c->out, "%s", rc == 0 ? value.data : c->words[1] ? c->words[1] : "");
	return 0;
}

static int set(struct call *c, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;

	buf_adds(&value, c->words[1] ? c->words[1] : "");
	return place_save(&c->place, c->words[0], &value, err);
}

static int del(struct call *c, struct err *err)
{
	return place_remove(&c->place, c->words[0], err);
}

static int exists(struct call *c, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	int rc = place_load(&c->place, c->words[0], &value, err);

	return rc == PLACE_ABSENT ? err_exit(err, 1) : rc;
}

/* "KEY VALUE" lines. */
static int get_all_by_prefix(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (place_keys(&c->place, c->words[0] ? c->words[0] : "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO(buf_release) struct buf value = BUF_INIT;

		if (place_load(&c->place, key, &value, err) < 0)
			return -1;
		buf_chomp(&value);
		out_line(c->out, "%s %s", key, value.data);
	}
	return 0;
}

static int destroy(struct call *c, struct err *err)
{
	return place_destroy(&c->place, err);
}

/* PLUGIN OLD NEW */
static int clone(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;
	struct place to;

	if (place_open(&to, c->st, c->place.plugin, c->words[0], err) < 0 ||
	    place_keys(&c->place, "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys) {
		AUTO(buf_release) struct buf value = BUF_INIT;

		if (place_load(&c->place, key, &value, err) < 0 ||
		    place_save(&to, key, &value, err) < 0)
			return -1;
	}
	return 0;
}

static int setup(struct call *c, struct err *err)
{
	return place_setup(&c->place, err);
}

/* KEY VALUE [INDEX]: the index counts from 1. */
static int rpush(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	long at;

	if (load_list(c, &lines, err) < 0)
		return -1;
	at = (long)lines.len + 1;
	if (c->words[2] && !name_to_int(c->words[2], 1, at, &at))
		return err_set(err, ERR_USAGE, "'%.40s' is no place in a list of %zu",
			       c->words[2], lines.len);
	strv_insert(&lines, (size_t)at - 1, c->words[1] ? c->words[1] : "");
	return save_list(c, &lines, err);
}

static int lrange(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (load_list(c, &lines, err) < 0)
		return -1;
	strv_foreach(line, &lines)
		out_line(c->out, "%s", line);
	return 0;
}

/* KEY INDEX: the index counts from 0. */
static int lindex(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	long at;

	if (load_list(c, &lines, err) < 0)
		return -1;
	if (!c->words[1] || !name_to_int(c->words[1], 0, (long)lines.len - 1, &at))
		return err_exit(err, 1);
	out_line(c->out, "%s", lines.v[at]);
	return 0;
}

static int lismember(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (load_list(c, &lines, err) < 0)
		return -1;
	return c->words[1] && strv_find(&lines, c->words[1]) >= 0 ? 0 : err_exit(err, 1);
}

static int llen(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (load_list(c, &lines, err) < 0)
		return -1;
	out_line(c->out, "%zu", lines.len);
	return 0;
}

static int remove_lines(struct call *c, bool prefix, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	AUTO(strv_release) struct strv kept = STRV_INIT;
	const char *value = c->words[1] ? c->words[1] : "";

	if (load_list(c, &lines, err) < 0)
		return -1;
	strv_foreach(line, &lines)
		if (prefix ? strncmp(line, value, strlen(value)) != 0
			   : strcmp(line, value) != 0)
			strv_add(&kept, line);
	return save_list(c, &kept, err);
}

static int lrem(struct call *c, struct err *err)
{
	return remove_lines(c, false, err);
}

static int lrem_by_prefix(struct call *c, struct err *err)
{
	return remove_lines(c, true, err);
}

/* KEY INDEX VALUE: the index counts from 0; one past the end appends. */
static int lset(struct call *c, struct err *err)
{
	AUTO(strv_release) struct strv lines = STRV_INIT;
	long at;

	if (load_list(c, &lines, err) < 0)
		return -1;
	if (!c->words[1] || !name_to_int(c->words[1], 0, (long)lines.len, &at))
		return err_set(err, ERR_USAGE, "'%.40s' is no place in a list of %zu",
			       c->words[1] ? c->words[1] : "", lines.len);
	if ((size_t)at < lines.len)
		strv_remove(&lines, (size_t)at);
	strv_insert(&lines, (size_t)at, c->words[2] ? c->words[2] : "");
	return save_list(c, &lines, err);
}

static const struct {
	const char *name;
	verb_fn *run;
	int min; /* words after the app */
	bool writes;
} verbs[] = {
	{ "get", get, 1, false },
	{ "get-with-default", get, 1, false },
	{ "get-all", get_all_by_prefix, 0, false },
	{ "get-all-by-prefix", get_all_by_prefix, 1, false },
	{ "set", set, 1, true },
	{ "del", del, 1, true },
	{ "exists", exists, 1, false },
	{ "destroy", destroy, 0, false },
	{ "clone", clone, 1, true },
	{ "setup", setup, 0, false },
	{ "setup-app", setup, 0, false },
	{ "rpush", rpush, 2, true },
	{ "lrange", lrange, 1, false },
	{ "lindex", lindex, 2, false },
	{ "lismember", lismember, 2, false },
	{ "llen", llen, 1, false },
	{ "lrem", lrem, 2, true },
	{ "lrem-by-prefix", lrem_by_prefix, 2, true },
	{ "lset", lset, 3, true },
};

static int run_verb(struct call *c, verb_fn *run, bool writes, struct err *err)
{
	AUTO_CLOSE int lock = -1;

	if (writes) {
		lock = place_lock(&c->place, err);
		if (lock < 0)
			return -1;
	}
	return run(c, err);
}

int plugin_cmd_property(struct request *req, struct err *err)
{
	struct call c = { .st = req->st, .out = req->out };
	const char *app = req->argc > 2 ? req->argv[2] : "--global";
	int given = req->argc > 3 ? req->argc - 3 : 0;

	if (place_open(&c.place, req->st, req->argv[1], app, err) < 0)
		return -1;
	for (int i = 0; i < given && i < 4; i++)
		c.words[i] = req->argv[3 + i];
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, req->argv[0]) == 0 && given >= verbs[i].min)
			return run_verb(&c, verbs[i].run, verbs[i].writes, err);
	return err_set(err, ERR_USAGE, "plugin:property: '%.40s' with %d words",
		       req->argv[0], given);
}
