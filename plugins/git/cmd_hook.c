/* SPDX-License-Identifier: MIT */
/* git-hook APP: the body of pre-receive.  A refusal here refuses the whole push. */
#include <stdlib.h>
#include <string.h>

#include "plugins/git/git.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

#define LINES_MAX (16u << 20)
#define HEADS     "refs/heads/"

/* Only a push brings objects, and only git says so. */
static int check_called_by_git(const struct request *req, struct err *err)
{
	const char *app = getenv("DAVIT_APP");

	if (getenv("GIT_DIR") && app && strcmp(app, req->app.name) == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "git-hook is called by git, in a push");
	return err_hint(err, "git push davit <branch>");
}

static int read_push(struct push *p, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (fs_read_fd(0, LINES_MAX, &text, err) < 0)
		return -1;
	return push_parse(p, text.data, text.len, err);
}

static int check_deletions(const struct request *req, const struct push *p,
			   const char *branch, struct err *err)
{
	for (size_t i = 0; i < p->len; i++) {
		const char *ref = p->v[i].ref;

		if (!push_deletes(&p->v[i]) || strncmp(ref, HEADS, strlen(HEADS)) != 0 ||
		    strcmp(ref + strlen(HEADS), branch) != 0)
			continue;
		(void)err_set(err, ERR_REFUSED,
			      "%s is the deploy branch of %s: deleting it is refused, "
			      "because it is what serves",
			      branch, req->app.name);
		return err_hint(err,
				"davit git:set %s deploy-branch <other> first, or davit "
				"apps:destroy %s",
				req->app.name, req->app.name);
	}
	return 0;
}

static void say_how(struct request *req, const char *branch, const char *ref)
{
	const char *app = req->app.name;

	if (strncmp(ref, HEADS, strlen(HEADS)) == 0)
		out_warn(req->out,
			 "To deploy it: git push davit %s:%s, or davit git:set %s "
			 "deploy-branch %s",
			 ref + strlen(HEADS), branch, app, ref + strlen(HEADS));
	else
		out_warn(req->out,
			 "To deploy it: git push davit '%s^{commit}:refs/heads/%s'", ref,
			 branch);
}

/* What is not deployed goes to plugins that care for it, or is said. */
static int pass_others(struct request *req, const struct push *p, const char *branch,
		       const struct push_line *deployed, struct err *err)
{
	bool listened = trigger_has_third_party(TRIGGER_RECEIVE_BRANCH);

	for (size_t i = 0; i < p->len; i++) {
		const struct push_line *l = &p->v[i];
		bool is_branch = strncmp(l->ref, HEADS, strlen(HEADS)) == 0;

		if (l == deployed || push_deletes(l))
			continue;
		if (listened && trigger(req->st, req->out, err, TRIGGER_RECEIVE_BRANCH,
					req->app.name, l->to, l->ref, NULL) < 0)
			return -1;
		if (listened || (deployed && !is_branch))
			continue;
		out_warn(req->out,
			 "%s was received, and the deploy did not complete: the deploy "
			 "branch of %s is %s",
			 l->ref, req->app.name, branch);
		say_how(req, branch, l->ref);
	}
	return 0;
}

static int deploy(struct request *req, const struct push_line *l, struct err *err)
{
	int rc;

	/* For the deploy to see, when its turn comes, that git will still take this. */
	(void)setenv("DAVIT_PUSH_REF", l->ref, 1);
	(void)setenv("DAVIT_PUSH_FROM", l->from, 1);
	(void)setenv("DAVIT_PUSH_TO", l->to, 1);
	rc = trigger(req->st, req->out, err, TRIGGER_RECEIVE_APP, req->app.name, l->to,
		     NULL);

	return rc == TRIGGER_DECLINED
		       ? err_set(err, ERR_BUG, "nobody listens to receive-app")
		       : rc;
}

/*
 * The branch of this app, chosen by this push where nobody has.  *chosen: it was; the
 * property is written already, so that listeners to the deploy can ask for it.
 */
static int choose_branch(struct request *req, const struct push *p, char **branch,
			 bool *chosen, struct err *err)
{
	const char *first = push_first_branch(p);
	bool is_set;

	*chosen = false;
	if (git_repo_branch(req->st, req->app.id, branch, &is_set, err) < 0)
		return -1;
	if (is_set || !first)
		return 0;
	*chosen = true;
	free(*branch);
	*branch = xstrdup(first);
	return property_set(req->st, req->app.id, "git", "deploy-branch", first, err) < 0
		       ? -1
		       : 0;
}

static int handle(struct request *req, const struct push *p, const char *branch,
		  struct err *err)
{
	const struct push_line *l = push_to_deploy(p, branch);

	if (check_deletions(req, p, branch, err) < 0 ||
	    pass_others(req, p, branch, l, err) < 0)
		return -1;
	return l ? deploy(req, l, err) : 0;
}

int git_cmd_hook(struct request *req, struct err *err)
{
	AUTO(push_release) struct push p = PUSH_INIT;
	AUTO_FREE char *branch = NULL;
	bool chosen;

	if (check_called_by_git(req, err) < 0 || read_push(&p, err) < 0 ||
	    git_turn_take(req, err) < 0 ||
	    choose_branch(req, &p, &branch, &chosen, err) < 0)
		return -1;
	if (handle(req, &p, branch, err) < 0) {
		struct err ignored;

		/* The push leaves nothing behind: the next first one chooses again. */
		if (chosen)
			(void)property_unset(req->st, req->app.id, "git", "deploy-branch",
					     &ignored);
		return -1;
	}
	/* git is to move the branch to what serves; git-receive-pack ends as the deploy did. */
	req->out->late_failure = false;
	return 0;
}
