/* SPDX-License-Identifier: MIT */
/* Environment variables of apps and of the host. */
#ifndef DAVIT_PLUGINS_CONFIG_CONFIG_H
#define DAVIT_PLUGINS_CONFIG_CONFIG_H

#include "command/command.h"
#include "command/report.h"
#include "plugin/plugin.h"
#include "store/config.h"

int config_cmd_bundle(struct request *req, struct err *err);
int config_cmd_clear(struct request *req, struct err *err);
int config_cmd_export(struct request *req, struct err *err);
int config_cmd_get(struct request *req, struct err *err);
int config_cmd_import(struct request *req, struct err *err);
int config_cmd_keys(struct request *req, struct err *err);
int config_cmd_set(struct request *req, struct err *err);
int config_cmd_show(struct request *req, struct err *err);
int config_cmd_unset(struct request *req, struct err *err);

trigger_fn config_on_config_export;
trigger_fn config_on_config_get;
trigger_fn config_on_config_get_global;
trigger_fn config_on_config_set;
trigger_fn config_on_config_unset;

/* One change of one scope's variables. */
struct config_change {
	struct store *st;
	struct out *out;
	const struct app *app; /* id STORE_GLOBAL: the host's */
	const char *action;    /* "set", "unset" or "clear" */
	const json_t *set;     /* object of new values, or NULL */
	struct strv gone;      /* keys to remove */
	bool restart;
};

/*
 * Write the change, tell the listeners, and redeploy a deployed app.  When the redeploy
 * fails the variables are what they were, except for those that somebody else has changed
 * meanwhile.
 */
int config_change_apply(const struct config_change *c, struct err *err);

/* "K=V" words into an object; each is checked.  `encoded`: values are base64. */
int config_parse_pairs(const char *const *pairs, bool encoded, json_t **vars,
		       struct err *err);

/* Append all variables in one of the formats of config:export; ERR_USAGE for another. */
int config_format(const json_t *vars, const char *format, struct buf *out,
		  struct err *err);

/* K=V lines as config:export --format envfile and people write them: comments, `export`,
 * quotes.  Values are checked. */
int config_parse_envfile(const char *text, size_t len, json_t **vars, struct err *err);

#endif
