/* SPDX-License-Identifier: MIT */
/*
 * Property stores that have nothing but X:set and X:report: one table row each in
 * tables.c, one pair of commands in plugin.c.
 */
#ifndef DAVIT_PLUGINS_SETTINGS_SETTINGS_H
#define DAVIT_PLUGINS_SETTINGS_SETTINGS_H

#include "command/setting.h"
#include "plugin/plugin.h"

struct settings_store {
	const char *name;  /* of the commands: "builder" in builder:set */
	const char *title; /* of the report */
	struct settings settings;
	bool both_keys;
	const char *detected; /* a key that only builds write, shown last; or NULL */
	/* Rows that follow from the others; or NULL. */
	int (*more)(struct report *r, struct store *st, const struct app *app,
		    struct err *err);
};

extern const struct settings_store settings_stores[];
extern const size_t settings_stores_count;

/* What images would be called: registry-computed-image-repo and -server. */
int settings_registry_names(struct report *r, struct store *st, const struct app *app,
			    struct err *err);

/* All X:set and X:report of these stores; which one is in the command's name. */
int settings_cmd_set(struct request *req, struct err *err);
int settings_cmd_report(struct request *req, struct err *err);
/* Commands of a proxy or cluster that is not here: refused, with davit's own way. */
int settings_cmd_absent(struct request *req, struct err *err);

/* The builder that was chosen by hand comes before any that looks at the tree. */
trigger_fn settings_on_builder_detect;
/* Builders that are not here: named after all others have declined, refused with advice. */
trigger_fn settings_on_foreign_build;
trigger_fn settings_on_foreign_detect;

#endif
