/* SPDX-License-Identifier: MIT */
/*
 * Pushing and fetching: the bare repository of each app, the git verbs that come over ssh,
 * and the hook that turns pushed lines into a deploy.
 *
 *   git-receive-pack (relay.c) → git receive-pack → pre-receive → git-hook → receive-app
 */
#ifndef DAVIT_PLUGINS_GIT_GIT_H
#define DAVIT_PLUGINS_GIT_GIT_H

#include "command/command.h"
#include "command/report.h"
#include "command/setting.h"
#include "plugin/plugin.h"

#define GIT_PROGRAM "/usr/bin/git"

int git_cmd_allow_host(struct request *req, struct err *err);
int git_cmd_auth(struct request *req, struct err *err);
int git_cmd_auth_status(struct request *req, struct err *err);
int git_cmd_from_archive(struct request *req, struct err *err);
int git_cmd_from_image(struct request *req, struct err *err);
int git_cmd_load_image(struct request *req, struct err *err);
int git_cmd_generate_deploy_key(struct request *req, struct err *err);
int git_cmd_public_key(struct request *req, struct err *err);
int git_cmd_receive_pack(struct request *req, struct err *err);
int git_cmd_sync(struct request *req, struct err *err);
int git_cmd_upload(struct request *req, struct err *err);
int git_cmd_lfs(struct request *req, struct err *err);
int git_cmd_hook(struct request *req, struct err *err);
int git_cmd_initialize(struct request *req, struct err *err);
int git_cmd_report(struct request *req, struct err *err);
int git_cmd_set(struct request *req, struct err *err);
int git_cmd_status(struct request *req, struct err *err);
int git_cmd_unlock(struct request *req, struct err *err);

trigger_fn git_on_post_create;
trigger_fn git_on_git_deploy_branch;
trigger_fn git_on_git_revision;
trigger_fn git_on_git_has_code;
trigger_fn git_on_git_from_archive;
trigger_fn git_on_git_from_directory;
trigger_fn git_on_git_from_image;
trigger_fn git_on_deploy_source_set;

/* --- repo.c ---------------------------------------------------------------------------- */

/* A new string: the app's bare repository. */
char *git_repo_path(const char *app);
/* Make the repository where there is none. */
int git_repo_make(const char *app, struct err *err);

/* The commit of "refs/heads/main" and the like, loose or packed. */
enum { GIT_NO_REF = 1, GIT_SHA = 41 };
int git_repo_tip(const char *app, const char *ref, char sha[GIT_SHA], struct err *err);
/* Let HEAD name this branch, so that a clone checks it out. */
int git_repo_set_head(const char *app, const char *branch, struct err *err);

/* Let a branch be that commit. */
int git_repo_set_branch(const char *app, const char *branch, const char *sha,
			struct err *err);

/* The app's deploy branch, or the host's, else "master"; *is_set: somebody chose it. */
int git_repo_branch(struct store *st, int64_t app_id, char **branch, bool *is_set,
		    struct err *err);
/* The full commit at the tip of the deploy branch, or GIT_NO_REF. */
int git_repo_deploy_tip(struct store *st, const struct app *app, char sha[GIT_SHA],
			struct err *err);

/* --- serve.c --------------------------------------------------------------------------- */

/*
 * The app that a client means by 'blog', '/blog', '~/blog', 'blog.git': a new string.
 * ERR_USAGE when no app can have that name.
 */
int git_serve_name(struct store *st, const char *path, char **name, struct err *err);
/* As rights_find_app; an admin's first word about an app makes it, if nobody forbids that. */
int git_serve_find_or_make(struct request *req, const char *name, struct err *err);
/* argv and environment of a git verb ("receive-pack") for an app's repository. */
int git_serve_command(struct request *req, const char *verb, struct strv *argv,
		      struct strv *env, struct err *err);
/*
 * Tell git's client why nothing is served, in git's own protocol, so that it shows that
 * instead of guessing about rights and repositories.  Returns -1 with ERR_EXIT.
 */
int git_serve_refuse(struct err *err);
/* After a push, when loose objects pile up: git gc, without anybody waiting for it. */
void git_serve_tidy(const char *app);

/* --- remote.c -------------------------------------------------------------------------- */

/* A URL that git may be given: https, http, git, ssh; files of the host for its root. */
int git_remote_check(const struct request *req, const char *url, struct err *err);
/* A new string: the URL without user and password. */
char *git_remote_shown(const char *url);
/* Run git on the repository of req->app, with the host's key and .netrc; `url` is the one
 * among the words that it speaks to, or NULL. */
int git_remote_run(const struct request *req, const char *url, const char *const *words,
		   struct buf *said, struct err *err);

/* --- netrc.c --------------------------------------------------------------------------- */

struct netrc_entry {
	char *host;
	char *user;     /* or NULL */
	char *password; /* or NULL */
};

struct netrc {
	struct netrc_entry *v;
	size_t len;
	struct buf rest; /* what is no machine, as it stood */
};

#define NETRC_INIT                          \
	{                                   \
		.v = NULL, .rest = BUF_INIT \
	}

/* Passwords are overwritten before their memory goes back. */
void netrc_release(struct netrc *n);
void netrc_parse(struct netrc *n, const char *text);
void netrc_print(const struct netrc *n, struct buf *out);
/* The file of the host; a missing one is empty. */
int netrc_load(struct netrc *n, struct err *err);
/* 0600, whatever it was. */
int netrc_save(const struct netrc *n, struct err *err);
struct netrc_entry *netrc_find(const struct netrc *n, const char *host);
void netrc_set(struct netrc *n, const char *host, const char *user, const char *password);
bool netrc_remove(struct netrc *n, const char *host);

/* --- turn.c ---------------------------------------------------------------------------- */

/* The lock of an app's pushes, not taken. */
int git_turn_open(const struct app *app, int *fd, struct err *err);
/* Wait until no push of req->app is being deployed; ERR_REFUSED when a newer one waits. */
int git_turn_wait(struct request *req, int fd, struct err *err);
/* The ticket "PID START" of this process, and the file that holds the ticket of the push that
 * waits: a deploy that has not begun yet gives way to it. */
enum { GIT_TICKET = 64 };
void git_turn_ticket(char ticket[GIT_TICKET]);
char *git_turn_next(const struct app *app);
/* In the hook: take the lock that DAVIT_PUSH_LOCK_FD names, for as long as the push lasts. */
int git_turn_take(struct request *req, struct err *err);

/* --- relay.c --------------------------------------------------------------------------- */

/*
 * Run a program between us and the client.  Its stdin is ours; what it writes is passed on
 * as fast as the client takes it, and a client that is slow or gone never stops it.  The
 * program's descriptor 3 (DAVIT_CANCEL_FD) hangs up when the client is lost.  `pass`, if
 * not 0, becomes its descriptor 4.
 * Returns 0 with the exit status in *code, or -1.
 */
int git_relay(const char *const *argv, const char *const *env, int pass, int *code,
	      struct err *err);

/* --- push.c ---------------------------------------------------------------------------- */

struct push_line {
	char from[GIT_SHA]; /* all zeros: the ref is new */
	char to[GIT_SHA];   /* all zeros: the ref is deleted */
	char *ref;
};

struct push {
	struct push_line *v;
	size_t len;
};

#define PUSH_INIT         \
	{                 \
		.v = NULL \
	}

void push_release(struct push *p);
/* Lines "OLD NEW REF" as git gives them to pre-receive. */
int push_parse(struct push *p, char *text, size_t len, struct err *err);
bool push_deletes(const struct push_line *l);
/* The branch that becomes the deploy branch of an app that has none: main, master, else
 * the first one pushed; NULL: no branch was pushed. */
const char *push_first_branch(const struct push *p);
/* The line that is to be deployed: the branch, else the tag of its name; or NULL. */
const struct push_line *push_to_deploy(const struct push *p, const char *branch);

extern const struct settings git_settings;

#endif
