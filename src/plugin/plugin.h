/* SPDX-License-Identifier: MIT */
/*
 * Plugins and triggers.  A plugin is a value: C in plugins/, or an executable directory in
 * Dokku's layout.  Both receive the same struct trigger_call and give the same verdict;
 * who fires a trigger cannot tell them apart.
 *
 * Handlers run in the order of the plugin's Dokku directory name (byte order), core and
 * third-party ones mixed.
 */
#ifndef DAVIT_PLUGIN_PLUGIN_H
#define DAVIT_PLUGIN_PLUGIN_H

#include "plugin/triggers.h"
#include "store/app.h"
#include "store/image.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/out.h"

struct command;
struct plugin;

/*
 * One call: words in, bytes in, bytes out, and a verdict.  argv is NULL-terminated and
 * usually starts with the app's name.  `out` collects what handlers print on stdout where
 * the trigger is a question (mode FIRST_LINE or TEXT); otherwise that goes to the user.
 */
struct trigger_call {
	enum trigger_id id;
	const char *const *argv;
	struct store *st;
	struct out *to; /* where progress goes */
	struct buf in;
	struct buf out;
	/* The image that a build makes.  Before builder-build it holds what the source says:
	 * processes (Procfile), app_json, checks; the builder adds what is missing. */
	struct image *image;
	int cancel_fd; /* hand it to what takes long; 0 = nobody can cancel */
	bool core_only; /* third parties are not asked: nothing happens that is their news */
	bool third_only; /* core plugins are not asked: what they say is known otherwise */
};

/* A handler's verdict beside 0 and -1: "not mine, ask the next one". */
enum { TRIGGER_DECLINED = 1 };

typedef int trigger_fn(const struct plugin *self, struct trigger_call *call,
		       struct err *err);

struct plugin {
	const char *name; /* Dokku's directory name: its place in the order */
	const char *summary;
	const struct command *commands; /* ends with COMMANDS_END, or NULL */
	trigger_fn *on[TRIGGER__COUNT]; /* NULL: does not listen */
	const char *dir;                /* third-party plugin: its directory */
	/* A core plugin whose handlers nobody can stand in for: without what they do to the
	 * store and to instances, davit would not know what runs. */
	bool essential;
};

/*
 * Offer *call to every plugin in order.  0: done.  TRIGGER_DECLINED: nobody took it.
 * -1: a handler refused; *err names the plugin.  argv[0..] words as the table in
 * triggers.h says.
 */
int trigger_fire(struct trigger_call *call, struct err *err);

/* The usual call: words, no stdin; verdict as above.  The words end with NULL. */
int trigger(struct store *st, struct out *to, struct err *err, enum trigger_id id, ...)
	__attribute__((sentinel));
/* The same with the words in an array. */
int trigger_argv(struct store *st, struct out *to, struct err *err, enum trigger_id id,
		 const char *const *argv);
/* As trigger(), for an old name that only third parties may still listen to: it is not fired
 * unless one does, and then it says so. */
int trigger_old(struct store *st, struct out *to, struct err *err, enum trigger_id id,
		...) __attribute__((sentinel));
/* A question: the answer (first line, or all text) as a new string; "" when declined. */
int trigger_ask(struct store *st, struct out *to, char **answer, struct err *err,
		enum trigger_id id, ...) __attribute__((sentinel));

const char *trigger_name(enum trigger_id id);
const char *trigger_words(enum trigger_id id);
const char *trigger_summary(enum trigger_id id);
enum trigger_mode trigger_mode_of(enum trigger_id id);
/* The id of a wire name, or -1. */
int trigger_by_name(const char *name);
/* The handler in davit of what only davit-heavy can do: refuses. */
trigger_fn trigger_needs_heavy;
/* Has the trigger such a handler in this program? */
bool trigger_is_heavy(enum trigger_id id);
/* Does any plugin beside the core ones listen? */
bool trigger_has_third_party(enum trigger_id id);

/* Core plugins by hand in plugins/plugins.c; registry.c merges third-party ones in. */
extern const struct plugin *const core_plugins[];
extern const size_t core_plugins_count;

/* All enabled plugins in order; read once per process. */
const struct plugin *const *plugin_all(size_t *count);
/* The third-party plugin in dir/name, enabled or not; it lives as long as the process. */
const struct plugin *plugin_in(const char *dir, const char *name);
/* Is this the directory name of a core plugin, or a function directory of ours? */
bool plugin_is_core(const char *name);
/* Environment that plugin code is promised (exec.c, and the helper for hooks). */
struct strv;
void plugin_environment(struct strv *env, const char *app);
/* The same for a hook: what it asks davit for is done with the host's rights, for root has
 * installed it; on record stays who set it off. */
void plugin_hook_environment(struct strv *env);

/*
 * A command that deploys an app says so before it fires anything: what a hook of it changes
 * about that app is deployed by this command, or waits for the next, but never by a deploy of
 * its own.  Marked: a davit above us has said so.
 */
void plugin_mark_deploy(const char *app);
bool plugin_deploy_marked(const char *app);

/* The command that has code built which nobody pushed says where that is from, "git-sync" and
 * the like, before it fires what builds; a literal.  Whoever builds gets it, or `other`. */
void plugin_name_source(const char *source);
const char *plugin_deploy_source(const char *other);

/* DOKKU_ROOT: the home of the user that owns the store, whoever we are just now. */
const char *plugin_home(void);

#endif
