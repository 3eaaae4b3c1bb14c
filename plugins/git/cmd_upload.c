/* SPDX-License-Identifier: MIT */
/* git-upload-pack and git-upload-archive 'app': fetch, clone, `git archive --remote`. */
#include <string.h>

#include "command/rights.h"
#include "plugins/git/git.h"
#include "util/cleanup.h"
#include "util/proc.h"

static int serve(struct request *req, const char *verb, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	struct proc_end end;
	pid_t pid;

	if (git_serve_command(req, verb, &argv, &env, err) < 0)
		return -1;

	struct proc p = { .argv = strv_const(&argv),
			  .env = strv_const(&env),
			  .flags = PROC_STDIN | PROC_STDOUT | PROC_STDERR |
				   PROC_FOREGROUND };

	if (proc_start(&p, &pid, err) < 0 || proc_wait(pid, &end, err) < 0)
		return -1;
	return end.code == 0 ? 0 : err_exit(err, end.code);
}

int git_cmd_upload(struct request *req, struct err *err)
{
	const char *verb = req->command->name + strlen("git-");
	bool is_fetch = strcmp(verb, "upload-pack") == 0;
	AUTO_FREE char *name = NULL;

	req->out->aside = true;
	if (git_serve_name(req->st, req->argv[0], &name, err) < 0 ||
	    rights_find_app(req, name, err) < 0 || git_repo_make(name, err) < 0 ||
	    (is_fetch &&
	     trigger(req->st, req->out, err, TRIGGER_GIT_PRE_PULL, name, NULL) < 0))
		return is_fetch ? git_serve_refuse(err) : -1;
	if (serve(req, verb, err) < 0)
		return -1;
	return is_fetch && trigger(req->st, req->out, err, TRIGGER_GIT_POST_PULL, name,
				   NULL) < 0
		       ? -1
		       : 0;
}

int git_cmd_lfs(struct request *req, struct err *err)
{
	(void)req;
	(void)err_set(err, ERR_REFUSED, "davit keeps no Git LFS objects");
	return err_hint(err, "git push --no-verify pushes the pointers alone; "
			     "git lfs migrate export puts the files into git");
}
