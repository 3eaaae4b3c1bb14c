/* SPDX-License-Identifier: MIT */
/* Directories that outlive releases: entries of the host, and what apps have mounted. */
#ifndef DAVIT_PLUGINS_STORAGE_STORAGE_H
#define DAVIT_PLUGINS_STORAGE_STORAGE_H

#include "command/report.h"
#include "plugin/plugin.h"
#include "runtime/storage.h"

trigger_fn storage_on_storage_list;
int storage_cmd_create(struct request *req, struct err *err);
int storage_cmd_destroy(struct request *req, struct err *err);
int storage_cmd_ensure_directory(struct request *req, struct err *err);
int storage_cmd_exec(struct request *req, struct err *err);
int storage_cmd_info(struct request *req, struct err *err);
int storage_cmd_list(struct request *req, struct err *err);
int storage_cmd_list_entries(struct request *req, struct err *err);
int storage_cmd_migrate(struct request *req, struct err *err);
int storage_cmd_mount(struct request *req, struct err *err);
/* storage:labels:… and storage:annotations:…; which is in the command's name. */
int storage_cmd_notes_report(struct request *req, struct err *err);
int storage_cmd_notes_set(struct request *req, struct err *err);
int storage_cmd_report(struct request *req, struct err *err);
int storage_cmd_set(struct request *req, struct err *err);
int storage_cmd_unmount(struct request *req, struct err *err);
int storage_cmd_wait(struct request *req, struct err *err);

/* --- entry.c ----------------------------------------------------------------------------- */

/* The entry of that name; ERR_REFUSED where there is none. */
int storage_find(struct store *st, const char *name, json_t **entry, struct err *err);
/* Names of all entries. */
int storage_names(struct store *st, struct strv *names, struct err *err);
/* Does it live in davit's own storage, under its own name? */
bool storage_is_default(const json_t *entry);
/* Check and set one property ("mode", "reclaim-policy"); an empty value unsets it. */
int storage_change(json_t *entry, const char *key, const char *value, struct err *err);
/* Ask davit-root to make the directory, with the owner and the mode that the entry says. */
int storage_make(const json_t *entry, struct err *err);
/* The properties that storage:set takes, NULL at the end. */
extern const char *const storage_properties[];

/* --- owner.c ------------------------------------------------------------------------------ */

struct storage_owner {
	long uid; /* -1: as it is */
	long gid;
};

/* "herokuish", "root", "false", "1000", "1000:1000", … */
int storage_owner_of(const char *text, struct storage_owner *o, struct err *err);

#endif
