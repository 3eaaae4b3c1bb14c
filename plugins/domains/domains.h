/* SPDX-License-Identifier: MIT */
/* Names that apps answer to. */
#ifndef DAVIT_PLUGINS_DOMAINS_DOMAINS_H
#define DAVIT_PLUGINS_DOMAINS_DOMAINS_H

#include "command/command.h"
#include "command/report.h"
#include "plugin/plugin.h"
#include "serve/domains.h"

int domains_cmd_add(struct request *req, struct err *err);
int domains_cmd_add_global(struct request *req, struct err *err);
int domains_cmd_clear(struct request *req, struct err *err);
int domains_cmd_clear_global(struct request *req, struct err *err);
int domains_cmd_disable(struct request *req, struct err *err);
int domains_cmd_enable(struct request *req, struct err *err);
int domains_cmd_remove(struct request *req, struct err *err);
int domains_cmd_remove_global(struct request *req, struct err *err);
int domains_cmd_report(struct request *req, struct err *err);
int domains_cmd_setup(struct request *req, struct err *err);
int domains_cmd_reset(struct request *req, struct err *err);
int domains_cmd_set(struct request *req, struct err *err);
int domains_cmd_set_global(struct request *req, struct err *err);

trigger_fn domains_on_post_create;
trigger_fn domains_on_domains_list;
trigger_fn domains_on_domains_urls;
trigger_fn domains_on_domains_vhost_enabled;

/* Checks the words and appends them in their stored form, each once. */
int domains_take_words(const char *const *words, struct strv *hosts, struct err *err);
/* ERR_REFUSED with the app that has one of these names already. */
int domains_check_free(struct store *st, const struct app *app, const struct strv *hosts,
		       struct err *err);
/*
 * Give an app this list (NULL: the default one) and let the proxy follow.  Where the proxy
 * cannot, the app keeps the list it had.
 */
int domains_change(struct request *req, const struct app *app, const struct strv *hosts,
		   const char *action, const struct strv *named, struct err *err);
/* Set NO_VHOST.  Says whether that changed anything in *changed. */
int domains_switch(struct store *st, const struct app *app, bool on, bool *changed,
		   struct err *err);

#endif
