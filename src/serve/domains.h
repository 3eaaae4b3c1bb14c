/* SPDX-License-Identifier: MIT */
/*
 * What an app answers to.  An app whose list nobody has touched has APP.GLOBAL for each of
 * the host's domains (its own name where that has a dot); the first domains:add,
 * :remove, :set or :clear writes the list down, and domains:reset forgets it again.
 */
#ifndef DAVIT_SERVE_DOMAINS_H
#define DAVIT_SERVE_DOMAINS_H

#include <stdbool.h>

#include "store/app.h"
#include "store/store.h"
#include "util/strv.h"

/* Appends the app's host names, whether or not they are enabled. */
int domains_of_app(struct store *st, const struct app *app, struct strv *hosts,
		   struct err *err);
/* The default names, for an app without a list of its own. */
int domains_default(struct store *st, const struct app *app, struct strv *hosts,
		    struct err *err);
/* Has the app a list of its own? */
int domains_chosen(struct store *st, int64_t app_id, bool *chosen, struct err *err);
/* Write the app's own list down, or forget it: NULL. */
int domains_choose(struct store *st, int64_t app_id, const struct strv *hosts,
		   struct err *err);
/* Does the app answer to names at all (NO_VHOST is not 1)? */
int domains_enabled(struct store *st, int64_t app_id, bool *enabled, struct err *err);
/* The names that are in effect: none where they are disabled. */
int domains_served(struct store *st, const struct app *app, struct strv *hosts,
		   struct err *err);

/*
 * Lower-case `word` and check it as a host name: 0 with a new string, or ERR_USAGE.  An
 * international name is refused with its reason.
 */
int domains_check(const char *word, char **host, struct err *err);
/* Does it stand for other names, so that nobody can visit it as it is? */
bool domains_is_pattern(const char *host);
/* Who has this name: as a row of its own, by default, or by what its nginx.conf.sigil
 * answers to?  0 with a new string, or STORE_NO_ROW.  ".NAME" is NAME too. */
int domains_owner(struct store *st, const char *host, int64_t but_not, char **app,
		  struct err *err);
/* The names, beside its own, that the app's nginx.conf.sigil answers to. */
int domains_claim(struct store *st, int64_t app_id, const struct strv *hosts,
		  struct err *err);

#endif
