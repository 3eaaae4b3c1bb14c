/* SPDX-License-Identifier: MIT */
#include "plugins/git/files.h"

#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"

void files_release(struct files *f)
{
	git_commit_free(f->parent);
	git_repository_free(f->repo);
}

static int open_repo(struct files *f, struct err *err)
{
	AUTO_FREE char *path = git_repo_path(f->app.name);
	char tip[GIT_SHA];
	git_oid id;
	int rc = git_repo_deploy_tip(f->st, &f->app, tip, err);

	if (rc < 0)
		return -1;
	(void)git_libgit2_init();
	if (git_repository_open_bare(&f->repo, path) < 0)
		return err_set(err, ERR_HOST, "%s cannot be opened: %s", path,
			       git_error_last()->message);
	if (rc == 0 && git_oid_fromstr(&id, tip) == 0)
		(void)git_commit_lookup(&f->parent, f->repo, &id);
	return 0;
}

int files_start(struct files *f, struct trigger_call *call, const char *const *author,
		struct err *err)
{
	bool has_author = author[0] && *author[0] && author[1] && *author[1];

	f->st = call->st;
	f->out = call->to;
	f->name = has_author ? author[0] : FILES_NAME;
	f->email = has_author ? author[1] : FILES_EMAIL;
	if (app_need(call->st, call->argv[0], &f->app, err) < 0)
		return -1;
	return git_repo_make(f->app.name, err) < 0 ? -1 : open_repo(f, err);
}

int files_commit(struct files *f, const git_oid *tree_id, const char *message,
		 struct err *err)
{
	const git_commit *parents[] = { f->parent };
	git_signature *who = NULL;
	git_tree *tree = NULL;
	git_oid id;
	int rc;

	if (f->parent && git_oid_equal(git_commit_tree_id(f->parent), tree_id)) {
		(void)err_set(err, ERR_REFUSED,
			      "No changes detected: these are the files that are there");
		return err_hint(err, "davit ps:rebuild %s builds them again",
				f->app.name);
	}
	rc = git_signature_now(&who, f->name, f->email);
	if (rc == 0)
		rc = git_tree_lookup(&tree, f->repo, tree_id);
	if (rc == 0)
		rc = git_commit_create(&id, f->repo, NULL, who, who, "UTF-8", message,
				       tree, f->parent ? 1 : 0, parents);
	git_tree_free(tree);
	git_signature_free(who);
	if (rc < 0)
		return err_set(err, ERR_REFUSED, "the files make no commit: %s",
			       git_error_last()->message);
	(void)git_oid_tostr(f->sha, sizeof f->sha, &id);
	return 0;
}

int files_receive(struct files *f, struct err *err)
{
	AUTO_FREE char *branch = NULL;
	bool is_set;

	if (git_repo_branch(f->st, f->app.id, &branch, &is_set, err) < 0 ||
	    trigger(f->st, f->out, err, TRIGGER_RECEIVE_APP, f->app.name, f->sha, NULL) <
		    0)
		return -1;
	return git_repo_set_branch(f->app.name, branch, f->sha, err);
}
