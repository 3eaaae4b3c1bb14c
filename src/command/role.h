/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: each command's row names the least role and its scope.
 * A member has a role per app (access rules); an admin has all of them everywhere.
 */
#ifndef DAVIT_COMMAND_ROLE_H
#define DAVIT_COMMAND_ROLE_H

/* Ordered: a higher role may do all that a lower one may. */
enum role {
	ROLE_NONE,     /* no right at all: apps look absent */
	ROLE_ANYONE,   /* whoever has a key: help, version */
	ROLE_VIEWER,   /* reads, no secrets */
	ROLE_DEPLOYER, /* pushes, restarts, reads config */
	ROLE_OWNER,    /* changes everything of the app */
	ROLE_ADMIN,    /* the whole host */
	ROLE_ROOT,     /* the real caller is root on this host */
};

/* ROLE_NONE for a word that is no role. */
enum role role_by_name(const char *word);
const char *role_name(enum role role);

/* What the first word after the command is. */
enum scope {
	SCOPE_HOST = 1,      /* no app involved */
	SCOPE_APP,           /* an existing app, required */
	SCOPE_APP_OR_GLOBAL, /* an existing app, or --global */
	SCOPE_APP_OR_ALL, /* an existing app, --global or --all, or nothing: all visible */
	SCOPE_NEW_APP,    /* the name of an app that need not exist */
	SCOPE_REPO,       /* the path of an app's repository, as git clients say it, or
			   * an app, or --global, by the number of words: the function
			   * finds the app and asks rights_check */
};

#endif
