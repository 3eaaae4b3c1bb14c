/* SPDX-License-Identifier: MIT */
/* git:initialize and git:unlock. */
#include "plugins/git/git.h"

int git_cmd_initialize(struct request *req, struct err *err)
{
	out_step(req->out, "Initializing git repository for %s", req->app.name);
	return git_repo_make(req->app.name, err);
}

/* A lock here lasts as long as its process: there is never a stale one to break. */
int git_cmd_unlock(struct request *req, struct err *err)
{
	(void)err;
	out_step(req->out, "The repository of %s has no lock that outlives its push",
		 req->app.name);
	return 0;
}
