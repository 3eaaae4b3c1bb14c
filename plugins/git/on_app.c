/* SPDX-License-Identifier: MIT */
/* Triggers: the repository of a new app, and what other plugins ask about the code. */
#include "plugins/git/git.h"
#include "util/cleanup.h"
#include "util/paths.h"

int git_on_post_create(const struct plugin *self, struct trigger_call *call,
		       struct err *err)
{
	(void)self;
	return git_repo_make(call->argv[0], err);
}

int git_on_git_deploy_branch(const struct plugin *self, struct trigger_call *call,
			     struct err *err)
{
	AUTO_FREE char *branch = NULL;
	struct app app;
	bool is_set;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0 ||
	    git_repo_branch(call->st, app.id, &branch, &is_set, err) < 0)
		return -1;
	buf_addf(&call->out, "%s\n", branch);
	return 0;
}

int git_on_git_revision(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	char sha[GIT_SHA];
	struct app app;
	int rc;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	rc = git_repo_deploy_tip(call->st, &app, sha, err);
	if (rc == 0)
		buf_addf(&call->out, "%s\n", sha);
	return rc < 0 ? -1 : 0;
}

int git_on_git_has_code(const struct plugin *self, struct trigger_call *call,
			struct err *err)
{
	AUTO(buf_release) struct buf ref = BUF_INIT;
	char sha[GIT_SHA];
	struct app app;
	int rc;

	(void)self;
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	if (call->argv[1]) {
		buf_addf(&ref, "refs/heads/%s", call->argv[1]);
		rc = git_repo_tip(app.name, ref.data, sha, err);
	} else {
		rc = git_repo_deploy_tip(call->st, &app, sha, err);
	}
	if (rc != GIT_NO_REF)
		return rc;
	(void)err_set(err, ERR_REFUSED, "%s holds no commit", app.name);
	return err_hint(err, "git push davit@<host>:%s <branch>", app.name);
}
