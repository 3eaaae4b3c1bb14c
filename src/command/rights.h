/* SPDX-License-Identifier: MIT */
/*
 * The one place that decides who may do what, from the command's row and from what the
 * caller was given.  Whoever has no rule has no right.
 */
#ifndef DAVIT_COMMAND_RIGHTS_H
#define DAVIT_COMMAND_RIGHTS_H

#include "command/grant.h"
#include "command/request.h"

/* What the caller has over one app; ROLE_NONE where no rule says so, or it is over. */
void rights_over(const struct request *req, const struct app *app, struct grant *g);

/*
 * May the caller run the request's command on this app (NULL: on none)?  0, or -1:
 * ERR_NO_APP for an app that he may not even see, ERR_REFUSED with what is missing.
 */
int rights_check(const struct request *req, const struct app *app, struct err *err);
/* Load the app of that name, for a command that finds it itself (SCOPE_REPO), if the row lets
 * the caller; one that he may not see looks absent. */
int rights_find_app(struct request *req, const char *name, struct err *err);
/* The same as rights_check without a word. */
bool rights_allow(const struct request *req, const struct app *app);
/* Within a command that others may run too: a property that reaches beyond the app, and is
 * an admin's to give.  0, or ERR_REFUSED. */
int rights_to_set(const struct request *req, const char *key, struct err *err);
/* A command of a third-party plugin: an admin's, and only one whose key is not narrow. */
bool rights_allow_foreign(const struct request *req, const char *command);

#endif
