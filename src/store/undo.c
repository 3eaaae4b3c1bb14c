/* SPDX-License-Identifier: MIT */
#include "store/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/config.h"
#include "store/formation.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/name.h"
#include "util/proc.h"

#define PLUGIN "undo"

enum { KEY_MAX = 64 };

static const char *const fields[] = {
	[UNDO_CONFIG] = "config", [UNDO_FORMATION] = "formation"
};

/* "PID-START": a pid that was given again is another process. */
static void own_key(char key[KEY_MAX])
{
	(void)snprintf(key, KEY_MAX, "%d-%llu", (int)getpid(), proc_start_time(getpid()));
}

static bool is_dead(const char *key)
{
	char *end = NULL;
	long pid = strtol(key, &end, 10);

	return *end != '-' || !proc_lives((pid_t)pid, strtoull(end + 1, NULL, 10));
}

static int read_note(struct store *st, int64_t app_id, const char *key, json_t **note,
		     struct err *err)
{
	AUTO_FREE char *text = NULL;
	int rc = property_find(st, app_id, PLUGIN, key, &text, err);

	if (rc < 0)
		return -1;
	*note = rc == 0 ? json_loads(text, 0, NULL) : NULL;
	if (!*note)
		*note = json_object();
	return 0;
}

/* { KEY: { "was": V, "is": V } } for what differs; the first `was` of a key is kept. */
static void add_pairs(json_t *to, const json_t *was, const json_t *is)
{
	AUTO(json_at) json_t *keys = json_object();
	const char *key;
	json_t *value;

	(void)json_object_update(keys, (json_t *)was);
	(void)json_object_update(keys, (json_t *)is);
	json_object_foreach(keys, key, value) {
		json_t *old = json_object_get(was, key);
		json_t *now = json_object_get(is, key);
		json_t *pair = json_object_get(to, key);

		if (!pair && old && now && json_equal(old, now))
			continue;
		if (!pair) {
			pair = json_object();
			if (old)
				(void)json_object_set(pair, "was", old);
			(void)json_object_set_new(to, key, pair);
		}
		(void)json_object_del(pair, "is");
		if (now)
			(void)json_object_set(pair, "is", now);
	}
}

int undo_note(struct store *st, int64_t app_id, enum undo_what what, const json_t *was,
	      const json_t *is, struct err *err)
{
	AUTO(json_at) json_t *note = NULL;
	AUTO_FREE char *text = NULL;
	char key[KEY_MAX];
	json_t *pairs;

	own_key(key);
	if (read_note(st, app_id, key, &note, err) < 0)
		return -1;
	pairs = json_object_get(note, fields[what]);
	if (!pairs) {
		pairs = json_object();
		(void)json_object_set_new(note, fields[what], pairs);
	}
	add_pairs(pairs, was, is);
	text = json_dumps(note, JSON_COMPACT);
	return property_set(st, app_id, PLUGIN, key, text, err) < 0 ? -1 : 0;
}

int undo_forget(struct store *st, int64_t app_id, struct err *err)
{
	char key[KEY_MAX];

	own_key(key);
	return property_unset(st, app_id, PLUGIN, key, err) < 0 ? -1 : 0;
}

/* What `now` becomes: values that are still what the note says they were changed to. */
static void put_back(json_t *now, const json_t *pairs)
{
	const char *key;
	json_t *pair;

	json_object_foreach((json_t *)pairs, key, pair) {
		json_t *was = json_object_get(pair, "was");
		json_t *set = json_object_get(pair, "is");
		json_t *is = json_object_get(now, key);

		if (set ? !is || !json_equal(set, is) : is != NULL)
			continue;
		if (was)
			(void)json_object_set(now, key, was);
		else
			(void)json_object_del(now, key);
	}
}

static int apply(struct store *st, int64_t app_id, const json_t *note, struct err *err)
{
	const json_t *vars = json_object_get(note, fields[UNDO_CONFIG]);
	const json_t *types = json_object_get(note, fields[UNDO_FORMATION]);
	AUTO(json_at) json_t *config = NULL;
	AUTO(json_at) json_t *formation = NULL;

	if (vars) {
		if (config_load(st, app_id, &config, err) < 0)
			return -1;
		put_back(config, vars);
		if (config_replace(st, app_id, config, err) < 0)
			return -1;
	}
	if (types) {
		if (formation_load(st, app_id, &formation, err) < 0)
			return -1;
		put_back(formation, types);
		if (formation_replace(st, app_id, formation, err) < 0)
			return -1;
	}
	return 0;
}

static int take_back(struct store *st, int64_t app_id, const char *key, struct err *err)
{
	AUTO(json_at) json_t *note = NULL;

	if (store_begin(st, err) < 0)
		return -1;
	if (read_note(st, app_id, key, &note, err) < 0 ||
	    apply(st, app_id, note, err) < 0 ||
	    property_unset(st, app_id, PLUGIN, key, err) < 0) {
		store_rollback(st);
		return -1;
	}
	return store_commit(st, err);
}

int undo_take_back(struct store *st, int64_t app_id, struct err *err)
{
	char key[KEY_MAX];

	own_key(key);
	return take_back(st, app_id, key, err);
}

int undo_take_back_dead(struct store *st, int64_t app_id, struct err *err)
{
	AUTO(strv_release) struct strv keys = STRV_INIT;

	if (property_keys(st, app_id, PLUGIN, "", &keys, err) < 0)
		return -1;
	strv_foreach(key, &keys)
		if (is_dead(key) && take_back(st, app_id, key, err) < 0)
			return -1;
	return 0;
}

int undo_apps(struct store *st, struct strv *names, struct err *err)
{
	return property_apps(st, PLUGIN, "", names, err);
}
