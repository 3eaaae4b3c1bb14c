/* SPDX-License-Identifier: MIT */
#include "command/dispatch.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/flags.h"
#include "command/foreign.h"
#include "command/help.h"
#include "command/rights.h"
#include "plugin/plugin.h"
#include "runtime/change.h"
#include "runtime/outside.h"
#include "store/event.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

void dispatch_print_error(struct out *out, const struct err *err)
{
	if (err->kind == ERR_EXIT || err->kind == ERR_NONE)
		return;
	out_warn(out, "%s", err->text);
	if (err->hint[0])
		out_warn(out, "%s", err->hint);
}

int dispatch_drop_root(struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store");
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(dir, &st) < 0) {
		(void)err_sys(err, "%s", dir);
		return err_hint(err,
				"davit is not set up on this host: scripts/quickstart");
	}
	if (st.st_uid == 0)
		return 0; /* a private root, as in tests */
	if (setgroups(0, NULL) < 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
		return err_sys(err, "become the owner of %s", dir);
	return 0;
}

int dispatch_enter_heavy(char *const *self, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_libexec(), "davit-heavy");

	(void)execv(path, self);
	(void)err_sys(err, "cannot run %s", path);
	return err_hint(err, "the installation is incomplete: make install");
}

static int unknown_command(const char *name, struct err *err)
{
	const char *near = command_nearest(name);

	(void)err_set(err, ERR_USAGE, "'%s' is not a davit command", name);
	if (near)
		return err_hint(err, "did you mean '%s'?  See 'davit help'", near);
	return err_hint(err, "See 'davit help --all' for the commands there are");
}

static int no_such_app(const char *name, struct err *err)
{
	if (!name_is_app(name)) {
		(void)err_set(err, ERR_NO_APP, "App of that name does not exist");
		return err_hint(err, "davit apps:list shows the apps");
	}
	return app_missing(name, err);
}

static int usage_error(const struct command *c, const char *what, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "%s: %s", c->name, what);
	return err_hint(err, "usage: davit %s %s", c->name, c->usage ? c->usage : "");
}

/* The app's name is argv[0] of an app command, wherever it was given. */
static void place_app(struct request *req, const struct global_flags *g)
{
	/* Clients say the name of a new app twice: --app blog apps:create blog. */
	bool twice = g->app && req->command->scope == SCOPE_NEW_APP && req->words.len &&
		     strcmp(req->words.v[0], g->app) == 0;

	if (g->app && !twice && req->command->scope != SCOPE_HOST)
		strv_insert(&req->words, 0, g->app);
	req->argc = (int)req->words.len;
	req->argv = strv_const(&req->words);
}

static int load_app(struct request *req, const char *name, struct err *err)
{
	int rc;

	if (!*name)
		return usage_error(req->command,
				   "Please specify an app to run the command on", err);
	if (!name_is_app(name))
		return no_such_app(name, err);
	rc = app_find(req->st, name, &req->app, err);
	if (rc < 0)
		return -1;
	if (rc == STORE_NO_ROW || !request_may_see(req, name))
		return no_such_app(name, err);
	return 0;
}

static int resolve_scope(struct request *req, struct err *err)
{
	const char *first = req->argc > 0 ? req->argv[0] : NULL;

	req->global = request_flag(req, "global");
	switch (req->command->scope) {
	case SCOPE_HOST: return 0;
	case SCOPE_NEW_APP:
	case SCOPE_REPO:
		if (!first && !req->global)
			return usage_error(req->command, "an app's name is missing", err);
		return 0;
	case SCOPE_APP:
		if (!first)
			return usage_error(req->command,
					   "Please specify an app to run the command on",
					   err);
		return load_app(req, first, err);
	case SCOPE_APP_OR_GLOBAL:
		if (req->global)
			return 0;
		if (!first)
			return usage_error(
				req->command,
				"Please specify an app to run the command on, or --global",
				err);
		return load_app(req, first, err);
	case SCOPE_APP_OR_ALL:
		if (req->global || !first || request_flag(req, "all"))
			return 0;
		return load_app(req, first, err);
	}
	return 0;
}

static int check_rights(const struct request *req, struct err *err)
{
	const struct app *app = req->app.id == STORE_GLOBAL ? NULL : &req->app;

	if (rights_check(req, app, err) == 0)
		return 0;
	return err->kind == ERR_NO_APP ? no_such_app(app->name, err) : -1;
}

static int check_count(const struct request *req, struct err *err)
{
	const struct command *c = req->command;
	bool app_word = c->scope != SCOPE_HOST && req->argc > 0 &&
			!(c->scope != SCOPE_APP && c->scope != SCOPE_NEW_APP &&
			  (req->global || request_flag(req, "all")));
	int words = req->argc - (app_word ? 1 : 0);

	if (words < c->args.min)
		return usage_error(c, "too few words", err);
	if (c->args.max >= 0 && words > c->args.max)
		return usage_error(c, "too many words", err);
	return 0;
}

/* Third parties may deny: a listener on user-auth that fails. */
static int ask_plugins(const struct request *req, const char *command,
		       const char *const *rest, struct err *err)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct err why;

	if (!trigger_has_third_party(TRIGGER_USER_AUTH))
		return 0;
	strv_add(&words, req->caller->root ? "root" : "davit");
	strv_add(&words, req->caller->name);
	strv_add(&words, command);
	for (; *rest; rest++)
		strv_add(&words, *rest);

	struct trigger_call call = { .id = TRIGGER_USER_AUTH,
				     .argv = strv_const(&words),
				     .st = req->st,
				     .to = req->out,
				     .in = BUF_INIT,
				     .out = BUF_INIT };

	int rc = trigger_fire(&call, &why);

	buf_release(&call.out);
	return rc < 0 ? err_set(err, ERR_REFUSED, "Access denied") : 0;
}

/* Files that others edit are looked at before; files that others read follow (views).  That
 * they could not be kept true is no failure of the command. */
static void keep_views(const struct request *req, const char *when)
{
	bool made = req->command->scope == SCOPE_NEW_APP && req->argc > 0 &&
		    name_is_app(req->argv[0]);
	const char *app = req->app.id != STORE_GLOBAL ? req->app.name
			  : made                      ? req->argv[0]
						      : "--global";
	struct err why;

	if (trigger(req->st, req->out, &why, TRIGGER_VIEWS, app, when, req->command->name,
		    NULL) < 0)
		out_warn(req->out, "%s", why.text);
}

/* Every change, with who made it: a failed one too. */
static void record(struct request *req, int rc)
{
	const struct command *c = req->command;
	bool is_new = c->scope == SCOPE_NEW_APP && name_is_app(req->argv[0]);
	struct err ignored;

	if (!(c->needs & NEEDS_WRITE) || c->needs & QUIET_EVENT)
		return;
	if (c->scope == SCOPE_REPO && req->app.id == STORE_GLOBAL && !req->global)
		return; /* a push to what is not there changes nothing */
	if (c->needs & NOTES_WORDS)
		for (int i = req->app.id != STORE_GLOBAL; i < req->argc; i++)
			request_note(req, req->argv[i]);
	(void)event_add(req->st,
			&(struct event){ .app = is_new ? req->argv[0] : req->app.name,
					 .actor = req->caller->name,
					 .command = c->name,
					 .result = rc == 0 ? "ok" : "failed",
					 .detail = req->note,
					 .key = req->caller->fingerprint },
			&ignored);
}

/* Before a change, what a davit that died left half done is done: it may have been the app's
 * end. */
static int still_there(const struct request *req, struct err *err)
{
	struct app now;
	int rc = req->app.id == STORE_GLOBAL || !(req->command->needs & NEEDS_WRITE)
			 ? 0
			 : app_find_id(req->st, req->app.id, &now, err);

	return rc == STORE_NO_ROW
		       ? err_set(err, ERR_NO_APP, "App %s does not exist", req->app.name)
		       : rc;
}

/* Steps of the host's own machinery have their own ways to be completed. */
static char *mark(const struct request *req)
{
	unsigned needs = req->command->needs;

	if (!(needs & NEEDS_WRITE) ||
	    (needs & QUIET_EVENT && req->app.id == STORE_GLOBAL))
		return NULL;
	return change_begin(req->app.id);
}

static int run_with_store(struct request *req, struct err *err)
{
	AUTO_FREE char *at_it = NULL;
	int rc;

	if (resolve_scope(req, err) < 0 || check_rights(req, err) < 0 ||
	    check_count(req, err) < 0)
		return -1;
	if (ask_plugins(req, req->command->name, req->argv, err) < 0)
		return -1;
	keep_views(req, "read");
	if (still_there(req, err) < 0)
		return -1;
	at_it = mark(req);
	rc = req->command->run(req, err);
	if (req->command->needs & NEEDS_WRITE)
		keep_views(req, "write");
	/* What the host broke off may have left files of before, as a death does. */
	if (rc == 0 || err->kind != ERR_HOST)
		change_end(at_it);
	record(req, rc);
	return rc;
}

/* What root names by a word, root opens: the files of a certificate, a key. */
static void open_files(struct request *req)
{
	const struct command *c = req->command;

	req->root_file = -1;
	if (c->root_file && geteuid() == 0) {
		AUTO_FREE char *path = c->root_file(req);

		if (path)
			req->root_file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
							    O_NOFOLLOW);
	}
	if (!(c->needs & (OPENS_FILES | MAKES_FILE)) || geteuid() != 0)
		return;
	req->files = xcalloc((size_t)req->argc + 1, sizeof *req->files);
	for (int i = 0; i < req->argc; i++)
		req->files[i] = c->needs & OPENS_FILES ? request_open(req->argv[i]) : -1;
	/* With words missing, the last one is not the file. */
	if (c->needs & MAKES_FILE && !req->caller->ssh && req->argc == c->args.max + 1)
		req->files[req->argc - 1] = request_make(req->argv[req->argc - 1]);
}

static void close_files(struct request *req)
{
	if (req->root_file >= 0)
		(void)close(req->root_file);
	for (int i = 0; req->files && i < req->argc; i++)
		if (req->files[i] >= 0)
			(void)close(req->files[i]);
	free(req->files);
	req->files = NULL;
}

static int run_row(struct request *req, struct err *err)
{
	const struct command *c = req->command;
	struct store st = STORE_INIT;
	int rc;

	if (c->needs & NEEDS_ROOT && !(c->needs & NEEDS_NO_STORE))
		bug("%s would open the store as root", c->name);
	open_files(req);
	if (!(c->needs & NEEDS_ROOT) && dispatch_drop_root(err) < 0)
		return -1;
	if (c->needs & NEEDS_NO_STORE)
		return check_rights(req, err) < 0 || check_count(req, err) < 0
			       ? -1
			       : c->run(req, err);
	if (store_open(&st, c->needs & NEEDS_WRITE, err) < 0)
		return -1;
	req->st = &st;
	rc = run_with_store(req, err);
	req->st = NULL;
	store_close(&st);
	return rc;
}

/* "plugin", "plugin:help", and words that a third-party plugin knows. */
static int not_a_row(struct request *req, const char *const *words, struct err *err)
{
	const char *name = words[0];
	const char *colon = strchr(name, ':');
	int rc;

	if (!colon || strcmp(colon, ":help") == 0) {
		AUTO_FREE char *prefix = strndup(name, strcspn(name, ":"));

		if (prefix && help_plugin(req->out, prefix))
			return 0;
	}
	if (!foreign_may_know(req, name))
		return unknown_command(name, err);
	if (dispatch_drop_root(err) < 0 || ask_plugins(req, name, words + 1, err) < 0)
		return -1;
	rc = foreign_command(words, err);
	return rc == FOREIGN_UNKNOWN ? unknown_command(name, err) : rc;
}

/* What a caller of ours has said for every davit below it. */
static void take_environment(struct global_flags *g)
{
	AUTO_FREE char *always = paths_in(paths_root(), DISPATCH_TRACE_FILE);

	g->quiet = getenv("DOKKU_QUIET_OUTPUT") != NULL;
	g->trace = getenv("DOKKU_TRACE") != NULL || fs_exists(always);
	g->force = getenv("DOKKU_APPS_FORCE_DELETE") != NULL;
}

static void hand_on(const struct global_flags *g)
{
	if (g->trace)
		(void)setenv("DOKKU_TRACE", "1", 1);
	if (g->quiet)
		(void)setenv("DOKKU_QUIET_OUTPUT", "1", 1);
	if (g->force)
		(void)setenv("DOKKU_APPS_FORCE_DELETE", "1", 1);
	if (g->app)
		(void)setenv("DOKKU_APP_NAME", g->app, 1);
}

static int run_words(struct request *req, const char *const *words, struct err *err)
{
	static const char *const help[] = { "help", NULL };
	static const char *const version[] = { "version", NULL };
	struct global_flags g = { .quiet = false };
	int n;

	take_environment(&g);
	n = flags_leading(words, &g, err);
	if (n < 0)
		return -1;
	words += n;
	if (!words[0])
		words = g.version ? version : help;
	req->out->quiet = g.quiet;
	req->out->trace = g.trace;
	req->command = command_find(words[0]);
	hand_on(&g);
	(void)setenv("DOKKU_COMMAND", words[0], 1);
	if (!req->command)
		return not_a_row(req, words, err);
	if (req->command->heavy && !req->command->run)
		return dispatch_enter_heavy(req->self, err);
	if (flags_parse(req, words + 1, &g, err) < 0)
		return -1;
	req->out->quiet = g.quiet;
	req->out->trace = g.trace;
	req->force = g.force;
	if (g.help) {
		/* "config" is a command and the name of a family. */
		if (strchr(words[0], ':') || !help_plugin(req->out, words[0]))
			help_command(req->out, req->command);
		return 0;
	}
	hand_on(&g);
	place_app(req, &g);
	int rc = run_row(req, err);

	close_files(req);
	return rc;
}

int dispatch(struct caller *caller, const char *const *words, char *const *self)
{
	struct out out = { .quiet = false };
	struct err err = { .kind = ERR_NONE };
	struct request req = { .caller = caller,
			       .out = &out,
			       .words = STRV_INIT,
			       .flags = STRV_INIT,
			       .self = self,
			       .root_file = -1 };
	int rc;

	(void)signal(SIGPIPE, SIG_IGN);
	outside_restrict(caller->role < ROLE_ADMIN);
	rc = run_words(&req, words, &err);
	if (rc < 0)
		dispatch_print_error(&out, &err);
	if (rc == 0 && !out_flush(&out))
		rc = err_set(&err, ERR_HOST, "the answer could not be written");
	strv_release(&req.words);
	strv_release(&req.flags);
	return rc < 0 ? err_exit_status(&err) : out.late_failure;
}
