/* SPDX-License-Identifier: MIT */
/*
 * Third-party plugins on disk: plugins/available/NAME holds a tree, plugins/enabled/NAME
 * links to it.  Everything in there belongs to root, and nobody else can write it: hooks
 * run from these trees as root.  A tree is made beside its place, looked through, and
 * renamed into it.
 */
#ifndef DAVIT_PLUGINS_PLUGIN_TREES_H
#define DAVIT_PLUGINS_PLUGIN_TREES_H

#include <sys/types.h>

#include "command/command.h"
#include "plugin/plugin.h"

int plugin_cmd_create(struct request *req, struct err *err);
int plugin_cmd_disable(struct request *req, struct err *err);
int plugin_cmd_enable(struct request *req, struct err *err);
int plugin_cmd_install(struct request *req, struct err *err);
int plugin_cmd_install_dependencies(struct request *req, struct err *err);
int plugin_cmd_installed(struct request *req, struct err *err);
int plugin_cmd_list(struct request *req, struct err *err);
int plugin_cmd_property(struct request *req, struct err *err);
int plugin_cmd_set(struct request *req, struct err *err);
int plugin_cmd_trigger(struct request *req, struct err *err);
int plugin_cmd_uninstall(struct request *req, struct err *err);
int plugin_cmd_update(struct request *req, struct err *err);

/* plugins/available/NAME, plugins/enabled/NAME: new strings. */
char *trees_available(const char *name);
char *trees_enabled(const char *name);
/* Names of the trees there are, or of those enabled, in byte order. */
void trees_names(bool enabled, struct strv *names);
bool trees_is_enabled(const char *name);

/* May a plugin be called that?  ERR_USAGE, or ERR_REFUSED for a name of ours. */
int trees_check_name(const char *name, struct err *err);
/* An installed plugin's name, else ERR_REFUSED. */
int trees_check_there(const char *name, struct err *err);
/*
 * The name that a URL gives: its last part without .git, .tar.gz or .tgz, and without
 * "dokku-" or "davit-" in front.  A new string.
 */
char *trees_name_of(const char *url);

/* One writer at a time: a descriptor that holds the lock, or -1. */
int trees_lock(struct err *err);
int trees_link(const char *name, struct err *err);
int trees_unlink(const char *name, struct err *err);

/*
 * Make a tree that others made fit to run as root: files and directories belong to root
 * and are writable by root alone, no file is setuid, no symlink leads out, nothing but
 * files, directories and symlinks is in it.
 */
int seal_tree(const char *dir, struct err *err);

/* git clone URL into dir, at `committish` where that is not NULL. */
int fetch_clone(const char *url, const char *committish, const char *dir,
		struct err *err);
/* A line of what git knows about a tree, or "". */
char *fetch_ask(const char *dir, const char *const *words);
/* Unpack the tar archive at an https: or file: URL into dir (davit-heavy only). */
int fetch_archive(const char *url, const char *dir, struct err *err);

/* What a hook that runs as root may trust: nobody else changes data/ and config/, and
 * the plugin's directory in them is none of somebody's symlinks.  Release it always. */
enum { GUARDED = 2 };
struct guard {
	const char *plugin; /* borrowed */
	bool held[GUARDED];
	bool made[GUARDED];
	int fd[GUARDED];
	uid_t uid[GUARDED];
	gid_t gid[GUARDED];
};
int guard_take(struct guard *g, const char *plugin, struct err *err);
void guard_release(struct guard *g);

/* Run a hook of one plugin as who we are; 0 also where it has none. */
int hooks_run(const char *name, const char *hook, const char *word, struct err *err);
/* The same of every enabled plugin but `but` (or NULL); the first failure ends it. */
int hooks_run_all(const char *hook, const char *word, const char *but, struct err *err);

/* Write the event of a command that keeps root; we are the davit user afterwards. */
void plugin_record(const struct request *req, bool ok);

#endif
