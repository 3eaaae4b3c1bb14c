/* SPDX-License-Identifier: MIT */
/*
 * What outlives releases: directories mounted into an app's containers.
 *
 * A host side is a path below davit's storage ("/var/lib/davit/storage/NAME/…", also by
 * Dokku's name for it), a bare NAME, which is the same place, or any other absolute path,
 * which davit-root mounts only where /etc/davit/davit.yml allows it.
 *
 * Attachments of an app are one JSON list, entries of the host one object each:
 *
 *	{"entry": "", "host": "/srv/media", "target": "/media", "phases": "deploy,run",
 *	 "process": "_default_", "subpath": "", "readonly": false, "options": "", "chown": ""}
 *	{"name": "media", "host_path": "…", "scheduler": "docker-local", "chown": "", …}
 */
#ifndef DAVIT_RUNTIME_STORAGE_H
#define DAVIT_RUNTIME_STORAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "store/app.h"
#include "util/err.h"

/* Where a host side is. */
struct storage_place {
	char *name; /* of davit's storage, or NULL: elsewhere on the host */
	char *path; /* "/sub/dir" below it, or NULL; elsewhere: the whole path */
};

void storage_place_release(struct storage_place *p);
/* ERR_USAGE for what is neither a name nor a normal absolute path. */
int storage_place_of(const char *host, struct storage_place *p, struct err *err);
/* May somebody who is no admin give `app` this place?  ERR_REFUSED unless the storage has
 * the app's own name. */
int storage_check_own(const struct storage_place *p, const struct app *app,
		      struct err *err);
/* Does davit-root mount it?  Asks, for a path outside of davit's storage. */
int storage_is_allowed(const struct storage_place *p, bool *allowed, struct err *err);
/* An absolute path in normal form, not one of the kernel's. */
int storage_check_target(const char *target, struct err *err);

/* A mount for davit-root's `run` and `start`; a new object. */
json_t *storage_mount(const struct storage_place *p, const char *target, bool readonly);

/* "/var/lib/davit/storage/NAME"; the caller frees. */
char *storage_default_path(const char *name);

/* The attachments, a new list, empty where there are none. */
int storage_attachments(struct store *st, int64_t app_id, json_t **list, struct err *err);
int storage_set_attachments(struct store *st, int64_t app_id, const json_t *list,
			    struct err *err);
/* 0 and a new object, or STORE_NO_ROW. */
int storage_entry(struct store *st, const char *name, json_t **entry, struct err *err);
int storage_set_entry(struct store *st, const json_t *entry, struct err *err);
/* A text member, or "". */
const char *storage_text(const json_t *j, const char *key);
/* The host side of an attachment with its subpath, as people write it; the caller frees.
 * NULL when its entry is gone. */
char *storage_host_side(struct store *st, const json_t *attachment);

/* Append what `process` gets in `phase` to a list of mounts. */
int storage_add_mounts(struct store *st, const struct app *app, const char *phase,
		       const char *process, json_t *mounts, struct err *err);

#endif
