/* SPDX-License-Identifier: MIT */
/*
 * One command as somebody gave it: who, which words, on which app, and where the answer
 * goes.  Made by access/ or by main, completed by the dispatcher, read by commands.
 * Everything in it lives as long as the request.
 */
#ifndef DAVIT_COMMAND_REQUEST_H
#define DAVIT_COMMAND_REQUEST_H

#include <stdbool.h>

#include "command/grant.h"
#include "command/role.h"
#include "store/app.h"
#include "store/store.h"
#include "util/err.h"
#include "util/out.h"
#include "util/strv.h"

struct command;

/* Who is asking.  Made once in access/caller.c; children inherit it by environment. */
struct caller {
	char name[128];            /* of the ssh key, or of the local user */
	char fingerprint[128];     /* of the ssh key, or "" */
	enum role role;            /* over the whole host */
	bool root;                 /* the real caller is uid 0 */
	bool ssh;                  /* came through the forced command */
	bool hook;                 /* it is a plugin's hook that asks, on his behalf */
	bool read_only;            /* no rule gives more than a viewer's rights */
	char only[GRANT_ONLY_MAX]; /* the commands that the key is for, or "": all */
};

struct request {
	const struct command *command;
	struct caller *caller;
	/* Words after the command's name and its flags.  In a SCOPE_APP command argv[0] is
	 * the app's name (also when it was given as --app). */
	int argc;
	const char *const *argv;
	struct strv words; /* owns argv */
	struct strv flags; /* "name" or "name=value", long names */
	bool force;        /* --force */
	struct out *out;
	struct store *st;  /* open, writable if the row NEEDS_WRITE */
	struct app app;    /* SCOPE_APP, or SCOPE_APP_OR_GLOBAL with id != 0 */
	char *const *self; /* the words that this program was started with */
	int *files;        /* OPENS_FILES: a descriptor for each word, or -1 */
	int root_file;     /* the descriptor of the row's root_file, or -1 */
	bool global;       /* --global was given: app.id is STORE_GLOBAL */
	char note[256];    /* of the event, beside app and command: request_note */
};

/* Add a word to what the event says: names, never a value that may be a secret. */
void request_note(struct request *req, const char *word);

/* Was the flag given? */
bool request_flag(const struct request *req, const char *name);
/* Value of a "name=" flag, the last one given, or NULL. */
const char *request_value(const struct request *req, const char *name);
/* Every value of a repeated flag, in order; the strings belong to the request. */
void request_values(const struct request *req, const char *name, struct strv *out);

/* May this caller see this app?  The one place that lists and reports ask. */
bool request_may_see(const struct request *req, const char *app);
/* Names of the apps the caller may see, in byte order; in a command that takes all apps,
 * of those over which he has the role that its row names. */
int request_apps(const struct request *req, struct strv *names, struct err *err);

/*
 * The file that argv[i] names, opened with the rights of the real caller (root's, before
 * davit became its own user).  A new descriptor, or -1.
 */
int request_open_file(const struct request *req, int i, struct err *err);
/* The same for a file that is written (MAKES_FILE), whose old contents are still there;
 * "-": stdout. */
int request_make_file(const struct request *req, int i, struct err *err);
/* For the dispatcher: open, or make, what a word names, as whoever we are. */
int request_open(const char *path);
int request_make(const char *path);

/*
 * Do it to the app of the command, or with --all to every app it may be done to, one after
 * the other: a small host has no room for more at once.  The first failure does not keep
 * the others from their turn; each is said, and the last word is -1.
 */
typedef int request_each_fn(struct request *req, const struct app *app, struct err *err);
int request_each(struct request *req, request_each_fn *fn, struct err *err);

/* Name of the app, or "--global". */
const char *request_scope_name(const struct request *req);

#endif
