/* SPDX-License-Identifier: MIT */
/*
 * Every X:report is printed here, by one rule: a title and a line per flag, the bare value
 * of one flag, or one JSON object per app.  A command's row takes REPORT_FLAGS and its
 * function is one call of report_run().
 */
#ifndef DAVIT_COMMAND_REPORT_H
#define DAVIT_COMMAND_REPORT_H

#include <jansson.h>

#include "command/command.h"

#define REPORT_FLAGS "format= global all *"
#define REPORT_USAGE "[<app>|--global] [--format stdout|json] [--<flag>]"

/* What one report says: flags without their dashes, and their values. */
struct report {
	struct strv flags;
	struct strv values;
	struct strv secrets; /* flags whose values the text form does not show */
	json_t *lists;       /* report_add_list; or NULL */
};

struct report_kind {
	const char *title;  /* "app": "=====> blog app information" */
	const char *prefix; /* "app-": taken off the keys of the JSON form */
	bool both_keys;     /* the JSON form has the keys with their prefix as well */
	bool global;        /* --global has something to say: app->id is STORE_GLOBAL */
	int (*fill)(struct report *r, struct request *req, const struct app *app,
		    struct err *err);
};

/* `flag` is the whole name without dashes: "app-created-at". */
void report_add(struct report *r, const char *flag, const char *value);
void report_addf(struct report *r, const char *flag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void report_add_bool(struct report *r, const char *flag, bool value);
/* Shown as stars among the others; the JSON form and its own flag give the value. */
void report_add_secret(struct report *r, const char *flag, const char *value);
/* A list that only the JSON form has, under just this key. */
void report_add_list(struct report *r, const char *key, const struct strv *items);

int report_run(struct request *req, const struct report_kind *kind, struct err *err);

/* Print a JSON text on one line as Go's encoder would: sorted, <, > and & escaped.  Takes
 * the reference. */
void report_print_json(struct out *out, json_t *j);

#endif
