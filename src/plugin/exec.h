/* SPDX-License-Identifier: MIT */
/*
 * The only bridge to executables in the Dokku layout.  They run as the user we are (never
 * root, except where a command that keeps root calls exec_foreground), from trees that only
 * root can write, with the promised environment and nothing of ours.
 */
#ifndef DAVIT_PLUGIN_EXEC_H
#define DAVIT_PLUGIN_EXEC_H

#include "plugin/plugin.h"
#include "util/strv.h"

/* The trigger_fn of every third-party plugin: runs the file of the trigger's name.  When it
 * fails, err->sys is its exit status. */
int exec_trigger(const struct plugin *self, struct trigger_call *call, struct err *err);

/*
 * A descriptor that every plugin process inherits as EXEC_SHARED_FD, or -1 for none: the
 * lock of the deploy that they are part of.
 */
enum { EXEC_SHARED_FD = 3 };
void exec_share(int fd);

/* Has the plugin an executable of this name ("post-deploy", "subcommands/list")? */
bool exec_listens(const struct plugin *p, const char *name);

/*
 * How long a hook may take before it is killed, with all that it started: the host-wide
 * setting "hook-timeout" of plugin:set, in seconds.
 */
#define EXEC_TIMEOUT_KEY     "hook-timeout"
#define EXEC_TIMEOUT_DEFAULT "600"

/*
 * Run a file of a plugin in the foreground with our stdio, for commands.  Returns its
 * exit status, or -1.
 */
int exec_foreground(const struct plugin *p, const char *name, const char *const *words,
		    struct err *err);

#endif
