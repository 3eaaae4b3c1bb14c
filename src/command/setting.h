/* SPDX-License-Identifier: MIT */
/*
 * X:set and the part of X:report that shows what it set, both from one table of settings.
 *
 *	static const struct setting rows[] = {
 *		{ "stop-timeout-seconds", "30", SETTING_BOTH, setting_is_seconds },
 *	};
 *	const struct settings ps_settings = { "ps", "ps-", rows, 1 };
 */
#ifndef DAVIT_COMMAND_SETTING_H
#define DAVIT_COMMAND_SETTING_H

#include "command/report.h"

#define SETTING_USAGE "<app|--global> <property> [<value>]"

enum setting_scope {
	SETTING_APP = 1,    /* app only: reported as K */
	SETTING_GLOBAL = 2, /* host only: global-K and computed-K */
	SETTING_BOTH = 3,   /* app over host: K, global-K and computed-K */
	SETTING_SECRET = 4, /* or-ed to one of these: the text form shows stars */
	SETTING_FAMILY = 8, /* the same: every key that begins so; global-K alone */
	SETTING_ADMIN = 16, /* the same: only an admin gives it a value (rights_to_set) */
};

struct setting {
	const char *key;
	const char *otherwise; /* the value while nothing is set */
	enum setting_scope scope;
	/* 0, or ERR_USAGE saying what is wanted; NULL: any text of one line */
	int (*check)(const char *key, const char *value, struct err *err);
};

struct settings {
	const char *plugin; /* where properties are kept */
	const char *prefix; /* of the report's flags: "ps-" */
	const struct setting *rows;
	size_t count;
};

/* The whole of X:set: checks, "=====> Setting K to V", the write. */
int settings_set(struct request *req, const struct settings *s, struct err *err);
/* The lines of these settings in a report. */
int settings_report(struct report *r, struct store *st, const struct app *app,
		    const struct settings *s, struct err *err);

/* Checks for the table. */
int setting_is_bool(const char *key, const char *value, struct err *err);
int setting_is_port(const char *key, const char *value, struct err *err);
int setting_is_seconds(const char *key, const char *value, struct err *err);
/* A path that stays below the app's tree. */
int setting_is_path(const char *key, const char *value, struct err *err);

#endif
