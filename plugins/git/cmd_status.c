/* SPDX-License-Identifier: MIT */
/* git:status APP: is what serves what was pushed? */
#include <string.h>

#include "plugins/git/git.h"
#include "store/deploy.h"
#include "store/release.h"
#include "util/cleanup.h"
#include "util/clock.h"

static int say_last_deploy(struct request *req, struct err *err)
{
	AUTO(deploys_release) struct deploys list = DEPLOYS_INIT;
	char when[CLOCK_TEXT];

	if (deploy_list(req->st, req->app.id, 1, &list, err) < 0)
		return -1;
	if (!list.len)
		return 0;

	const struct deploy *d = &list.v[0];

	out_line(req->out, "       %-18s%s, %s by %s, %s%s%s", "Last deploy:", d->state,
		 d->source, d->author, clock_text(d->started_at, when),
		 strcmp(d->state, "succeeded") != 0 && d->step[0] ? ", at step " : "",
		 strcmp(d->state, "succeeded") != 0 ? d->step : "");
	return 0;
}

static void say_verdict(struct request *req, const char *branch, const char *tip,
			const char *live)
{
	const char *app = req->app.name;

	if (!*tip && !*live)
		out_line(req->out,
			 "       Nothing has been pushed yet: git push "
			 "davit@<host>:%s %s",
			 app, branch);
	else if (!*live)
		out_line(req->out,
			 "       %s is not deployed: davit ps:rebuild %s tries "
			 "again",
			 branch, app);
	else if (strcmp(tip, live) == 0)
		out_line(req->out, "       %s is what serves.", branch);
	else
		out_line(req->out,
			 "       %s is not what serves: davit ps:rebuild %s "
			 "deploys it",
			 branch, app);
}

int git_cmd_status(struct request *req, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *branch = NULL;
	char tip[GIT_SHA] = "";
	bool is_set;
	int rc;

	if (git_repo_branch(req->st, req->app.id, &branch, &is_set, err) < 0 ||
	    git_repo_deploy_tip(req->st, &req->app, tip, err) < 0)
		return -1;
	rc = release_live(req->st, req->app.id, &live, err);
	if (rc < 0)
		return -1;

	const char *serving = rc == 0 && live.revision ? live.revision : "";

	out_title(req->out, "%s git status", req->app.name);
	out_line(req->out, "       %-18s%s%s", "Deploy branch:", branch,
		 is_set ? "" : " (until the first push chooses)");
	out_line(req->out, "       %-18s%s", "Branch tip:", *tip ? tip : "none");
	if (rc == 0)
		out_line(req->out, "       %-18s%s (v%lld: %s)",
			 "Serving:", *serving ? serving : "no commit",
			 (long long)live.number, live.reason);
	else
		out_line(req->out, "       %-18snothing", "Serving:");
	if (say_last_deploy(req, err) < 0)
		return -1;
	say_verdict(req, branch, tip, serving);
	return 0;
}
