/* SPDX-License-Identifier: MIT */
/*
 * Where a value of a plugin lives.  Those of core plugins are in the store; those of
 * third parties are files, config/PLUGIN/APP/KEY, which they may read themselves: their
 * APP is often the name of a service of theirs.
 */
#ifndef DAVIT_PLUGINS_PLUGIN_PLACE_H
#define DAVIT_PLUGINS_PLUGIN_PLACE_H

#include "store/store.h"
#include "util/buf.h"
#include "util/strv.h"

struct place {
	struct store *st;   /* the values of core plugins; NULL: files */
	int64_t app_id;     /* in the store */
	const char *plugin; /* checked words */
	const char *app;
};

enum { PLACE_ABSENT = 1 };

/* Check the names, and find out where they lead. */
int place_open(struct place *p, struct store *st, const char *plugin, const char *app,
	       struct err *err);
/* The bytes of a value, or PLACE_ABSENT. */
int place_load(const struct place *p, const char *key, struct buf *value,
	       struct err *err);
int place_save(const struct place *p, const char *key, const struct buf *value,
	       struct err *err);
int place_remove(const struct place *p, const char *key, struct err *err);
/* Keys in byte order, those that begin with `prefix`. */
int place_keys(const struct place *p, const char *prefix, struct strv *keys,
	       struct err *err);
/* Remove all values of the app, or of every app where that is "_all_". */
int place_destroy(const struct place *p, struct err *err);
/* Make the directories. */
int place_setup(const struct place *p, struct err *err);
/* Keeps other writers of the plugin's values out until it is closed: -1 on failure. */
int place_lock(const struct place *p, struct err *err);

#endif
