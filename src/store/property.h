/* SPDX-License-Identifier: MIT */
/*
 * Values of plugins, per app or host-wide (STORE_GLOBAL).  An empty value is a value; an
 * absent one is STORE_NO_ROW.  A list is kept as newline-terminated lines.
 */
#ifndef DAVIT_STORE_PROPERTY_H
#define DAVIT_STORE_PROPERTY_H

#include "store/store.h"
#include "util/strv.h"

/* 0 and a new string in *value, or STORE_NO_ROW. */
int property_find(struct store *st, int64_t app_id, const char *plugin, const char *key,
		  char **value, struct err *err);
/* Where a value is kept. */
struct property_key {
	int64_t app_id;
	const char *plugin;
	const char *key;
};
#define PROPERTY(app_id, plugin, key) ((struct property_key){ (app_id), (plugin), (key) })

/* The app's value, else the host's, else `otherwise`; never absent. */
int property_get(struct store *st, struct property_key k, const char *otherwise,
		 char **value, struct err *err);
int property_set(struct store *st, int64_t app_id, const char *plugin, const char *key,
		 const char *value, struct err *err);
int property_unset(struct store *st, int64_t app_id, const char *plugin, const char *key,
		   struct err *err);
/* Keys in byte order of one plugin, those that start with `prefix`. */
int property_keys(struct store *st, int64_t app_id, const char *plugin,
		  const char *prefix, struct strv *keys, struct err *err);
/* All of one plugin at one app, or at the host: KEY VALUE KEY VALUE … */
int property_pairs(struct store *st, int64_t app_id, const char *plugin,
		   struct strv *pairs, struct err *err);
/* Names of the plugins that keep a value at one app, or at the host, in byte order. */
int property_plugins(struct store *st, int64_t app_id, struct strv *plugins,
		     struct err *err);
/* All lines of a list value; an absent list is empty. */
int property_list(struct store *st, int64_t app_id, const char *plugin, const char *key,
		  struct strv *lines, struct err *err);
/* Replace a list; an empty one unsets it. */
int property_list_set(struct store *st, int64_t app_id, const char *plugin,
		      const char *key, const struct strv *lines, struct err *err);
/* Remove every value of one plugin for one app. */
int property_clear(struct store *st, int64_t app_id, const char *plugin, struct err *err);
/* The values of one key at every app and at the host. */
int property_everywhere(struct store *st, const char *plugin, const char *key,
			struct strv *values, struct err *err);
/* Which app has this key?  0 or STORE_NO_ROW. */
int property_owner(struct store *st, const char *plugin, const char *key, int64_t *app_id,
		   struct err *err);
/* Names of the apps for which a plugin keeps keys that start with `prefix`. */
int property_apps(struct store *st, const char *plugin, const char *prefix,
		  struct strv *apps, struct err *err);
/* Names of the apps for which a plugin keeps a value in which this text stands. */
int property_apps_with(struct store *st, const char *plugin, const char *text,
		       struct strv *apps, struct err *err);
/* Copy all values of an app to another. */
int property_copy(struct store *st, int64_t from, int64_t to, struct err *err);

#endif
