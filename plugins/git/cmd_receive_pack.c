/* SPDX-License-Identifier: MIT */
/* git-receive-pack 'app': what `git push` asks for over ssh. */
#include <string.h>
#include <unistd.h>

#include "plugins/git/git.h"
#include "store/deploy.h"
#include "store/property.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

/* The first push may have chosen the deploy branch: a clone should check that out. */
static int follow_branch(struct request *req, struct err *err)
{
	AUTO_FREE char *branch = NULL;
	bool is_set;

	if (git_repo_branch(req->st, req->app.id, &branch, &is_set, err) < 0)
		return -1;
	return is_set ? git_repo_set_head(req->app.name, branch, err) : 0;
}

/* Without the hook git would take every push, and nothing would be deployed. */
static int check_hook(struct err *err)
{
	AUTO_FREE char *hook = paths_in(paths_share(), "hooks/pre-receive");

	if (access(hook, X_OK) == 0)
		return 0;
	(void)err_set(err, ERR_HOST, "%s is missing, or not executable", hook);
	return err_hint(err, "make install: the installation is incomplete");
}

static int serve(struct request *req, int lock, int *code, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	AUTO_FREE char *next = git_turn_next(&req->app);
	char ticket[GIT_TICKET];

	git_turn_ticket(ticket);
	if (git_serve_command(req, "receive-pack", &argv, &env, err) < 0)
		return -1;
	strv_add(&env, "DAVIT_CANCEL_FD=3");
	strv_add(&env, "DAVIT_PUSH_LOCK_FD=4");
	strv_addf(&env, "DAVIT_PUSH_TICKET=%s", ticket);
	strv_addf(&env, "DAVIT_PUSH_NEXT=%s", next);
	return git_relay(strv_const(&argv), strv_const(&env), lock, code, err);
}

/* What became of the deploy of this push, if it made one: its exit status. */
static int ask_deploy(struct request *req, int64_t after, int *code, struct err *err)
{
	AUTO(deploys_release) struct deploys newest = DEPLOYS_INIT;

	if (deploy_list(req->st, req->app.id, 1, &newest, err) < 0)
		return -1;
	if (newest.len && newest.v[0].id > after &&
	    strcmp(newest.v[0].state, "succeeded") == 0)
		*code = newest.v[0].exit_code;
	return 0;
}

static int newest_deploy(struct request *req, int64_t *id, struct err *err)
{
	AUTO(deploys_release) struct deploys newest = DEPLOYS_INIT;

	if (deploy_list(req->st, req->app.id, 1, &newest, err) < 0)
		return -1;
	*id = newest.len ? newest.v[0].id : 0;
	return 0;
}

/* git tells its client that it cannot write, not what to do about it; and ends with 0. */
static void explain_room(struct request *req, const char *name)
{
	AUTO_FREE char *repo = git_repo_path(name);
	struct err why;

	if (fs_check_room(repo, &why) == 0)
		return;
	out_warn(req->out, "%s", why.text);
	out_warn(req->out, "%s", why.hint);
}

/* 1: the deploy that this push started ended without a word; 0: it did not. */
static int deploy_was_killed(struct request *req, struct err *err)
{
	AUTO(deploys_release) struct deploys open = DEPLOYS_INIT;
	int gone = 0;

	if (deploy_open(req->st, req->app.id, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < open.len; i++)
		gone |= !proc_lives(open.v[i].pid,
				    (unsigned long long)open.v[i].pid_started);
	return gone;
}

/* git has moved its refs, and there is nothing left to move (deploy/pushed.h); or the hook
 * died, and what it began is completed or undone. */
static int look_after(struct request *req, struct err *err)
{
	AUTO_FREE char *move = NULL;
	AUTO(strv_release) struct strv w = STRV_INIT;
	char tip[GIT_SHA] = "";
	int rc = property_find(req->st, req->app.id, "pushed", "move", &move, err);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		strv_split(&w, move, " ");
		if (w.len != 3 || git_repo_tip(req->app.name, w.v[0], tip, err) < 0)
			return w.len == 3 ? -1 : 0;
		if (strcmp(tip, w.v[1]) == 0)
			return property_clear(req->st, req->app.id, "pushed", err);
	}
	if (rc != 0)
		rc = deploy_was_killed(req, err);
	else
		rc = 1;
	return rc == 1 ? trigger(req->st, req->out, err, TRIGGER_RECOVER, req->app.name,
				 NULL)
		       : rc;
}

int git_cmd_receive_pack(struct request *req, struct err *err)
{
	AUTO_FREE char *name = NULL;
	AUTO_CLOSE int lock = -1;
	int64_t before;
	int code;

	req->out->aside = true;
	if (check_hook(err) < 0 ||
	    git_serve_name(req->st, req->argv[0], &name, err) < 0 ||
	    git_serve_find_or_make(req, name, err) < 0 || git_repo_make(name, err) < 0 ||
	    git_turn_open(&req->app, &lock, err) < 0 || git_turn_wait(req, lock, err) < 0)
		return git_serve_refuse(err);
	if (newest_deploy(req, &before, err) < 0 || serve(req, lock, &code, err) < 0 ||
	    (code == 0 && ask_deploy(req, before, &code, err) < 0))
		return -1;
	/* The hook has deployed; what plugins change from here on waits for the next. */
	plugin_mark_deploy(name);
	if (follow_branch(req, err) < 0)
		return -1;
	if (look_after(req, err) < 0)
		return -1;
	git_serve_tidy(name);
	explain_room(req, name);
	return code == 0 ? 0 : err_exit(err, code);
}
