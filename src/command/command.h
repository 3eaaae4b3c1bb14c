/* SPDX-License-Identifier: MIT */
/*
 * One row of the command table.  Lookup, arity, flags, rights, usage, help, completion and
 * the man page are all read from here; nothing about a command is said twice.
 *
 * Rows are written with COMMAND(), whose first five arguments have no default: a row
 * without a role or a scope does not compile.
 *
 *   COMMAND("apps:rename", ROLE_OWNER, SCOPE_APP, apps_cmd_rename,
 *           "give an app another name; its domains follow",
 *           .usage = "<app> <new-name>", .args = { 1, 1 }, .needs = NEEDS_WRITE),
 *
 * The dispatcher has done before run(): parsed flags, resolved the app (exit 20 where it is
 * missing or hidden), checked the role, opened the store, counted the words.  run()
 * returns 0, or -1 with *err filled, and prints only through req->out.
 */
#ifndef DAVIT_COMMAND_COMMAND_H
#define DAVIT_COMMAND_COMMAND_H

#include "command/request.h"
#include "command/role.h"
#include "plugin/heavy.h"

enum command_needs {
	NEEDS_WRITE = 1
		      << 0, /* the store is opened for writing; no transaction is held */
	NEEDS_NO_STORE = 1 << 1, /* works without a store: version, help */
	NEEDS_ROOT = 1 << 2,  /* keeps real root; only with NEEDS_NO_STORE, for the store
				  * is not root's: dispatch_drop_root, then open it */
	KEEPS_WORDS = 1 << 3, /* flags end at the first word after the app: the rest is a
				   command for somebody else (run, enter) */
	HIDDEN = 1 << 4,      /* not in help: called by hooks and by ourselves */
	OPENS_FILES = 1 << 6, /* its words may name files, which the real caller opens:
				  * request_open_file */
	MAKES_FILE = 1 << 9,  /* its last word names a file that the real caller makes:
				 request_make_file; "-" is stdout */
	QUIET_EVENT = 1 << 5, /* changes nothing worth an event though it NEEDS_WRITE */
	ON_HOST = 1 << 7,     /* not for ssh: for hooks, timers and who is on the host */
	NOTES_WORDS = 1 << 8, /* its words are no secrets: the event says them */
};

struct command {
	const char *name; /* "apps:rename": plugin, colon, verb; or "apps" */
	enum role role;
	enum scope scope;
	int (*run)(struct request *req, struct err *err);
	const char *summary; /* one line, lower case, no full stop */
	const char *usage;   /* what follows the name, flags included */
	/* Words separated by spaces.  "no-restart" is a switch, "format=" takes a value
	 * ("--format json" or "--format=json"), "num=/n" has the short form -n. */
	const char *flags;
	struct {
		int min;
		int max;     /* -1 = any number */
	} args;              /* words after the app (after the name in SCOPE_HOST) */
	unsigned needs;      /* enum command_needs */
	const char *step_of; /* a key that is for that command may run this one too */
	/* A file of root's own below directories of root's own, that the row needs where
	 * root himself asks: its path, or NULL.  req->root_file is it, opened. */
	char *(*root_file)(const struct request *req);
	bool heavy; /* set by HEAVY_COMMAND */
};

/* Adds nothing, and does not compile where `rule` is 0. */
#define COMMAND_RULE(rule)                             \
	(0 * (int)sizeof(struct {                      \
		 _Static_assert((rule) > 0, "a rule"); \
		 int unused;                           \
	 }))

#define COMMAND(name_, role_, scope_, run_, summary_, ...)               \
	{                                                                \
		.name = (name_), .role = (role_) + COMMAND_RULE(role_),  \
		.scope = (scope_) + COMMAND_RULE(scope_), .run = (run_), \
		.summary = (summary_), __VA_ARGS__                       \
	}

/* A row whose function is in davit-heavy only: davit enters that program. */
#define HEAVY_COMMAND(name_, role_, scope_, run_, summary_, ...) \
	COMMAND(name_, role_, scope_, HEAVY(run_), summary_, .heavy = true, __VA_ARGS__)

#define COMMANDS_END         \
	{                    \
		.name = NULL \
	}

/* The row of a name (aliases resolved), or NULL. */
const struct command *command_find(const char *name);
/* Each row in the order of plugins; NULL at the end.  *at starts as 0. */
const struct command *command_next(size_t *at);
/* The nearest known name to a mistyped one, or NULL. */
const char *command_nearest(const char *name);

#endif
