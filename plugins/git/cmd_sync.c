/* SPDX-License-Identifier: MIT */
/*
 * git:sync APP URL [REF]: the code of a repository elsewhere becomes the app's, and with
 * --build it is deployed.  Branches and tags of there lie below refs/davit/sync; refs of
 * the app's own move when all has gone well, as with a push.
 */
#include <string.h>

#include "plugins/git/git.h"
#include "store/property.h"
#include "store/release.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#define SYNC_HEADS "refs/davit/sync/heads/"
#define SYNC_TAGS  "refs/davit/sync/tags/"
#define SYNC_HEAD  "refs/davit/sync/HEAD"

struct sync {
	struct request *req;
	const char *url;
	char *shown; /* the URL without a password in it */
	const char *ref;
	char *branch;      /* of the app: what is to hold the commit */
	char *also;        /* the deploy branch, where that is another; or NULL */
	char sha[GIT_SHA]; /* what REF means there */
};

static void sync_release(struct sync *s)
{
	free(s->shown);
	free(s->branch);
	free(s->also);
}

static int find_app(struct request *req, struct err *err)
{
	AUTO_FREE char *name = NULL;

	if (git_serve_name(req->st, req->argv[0], &name, err) < 0 ||
	    git_serve_find_or_make(req, name, err) < 0)
		return -1;
	return git_repo_make(name, err);
}

static int fetch(struct sync *s, struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const words[] = { "fetch",
				      "--quiet",
				      "--no-tags",
				      "--prune",
				      "--no-write-fetch-head",
				      "--no-recurse-submodules",
				      "--",
				      s->url,
				      "+HEAD:" SYNC_HEAD,
				      "+refs/heads/*:" SYNC_HEADS "*",
				      "+refs/tags/*:" SYNC_TAGS "*",
				      NULL };

	if (git_remote_run(s->req, s->url, words, &said, err) == 0)
		return 0;
	(void)err_context(err, "%s could not be fetched", s->shown);
	return err_hint(
		err, "a private one: davit git:auth HOST USER TOKEN, or the key of "
		     "davit git:public-key; a new ssh host: davit git:allow-host HOST");
}

/* The full commit that `spec` names, or GIT_NO_REF. */
static int resolve(struct sync *s, const char *spec, struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO_FREE char *commit = xasprintf("%s^{commit}", spec);
	const char *const words[] = { "rev-parse",        "--verify", "--quiet",
				      "--end-of-options", commit,     NULL };

	if (git_remote_run(s->req, NULL, words, &said, err) < 0)
		return GIT_NO_REF;
	buf_chomp(&said);
	if (said.len != GIT_SHA - 1)
		return GIT_NO_REF;
	(void)snprintf(s->sha, sizeof s->sha, "%s", said.data);
	return 0;
}

/* Which branch is HEAD there? */
static int default_branch(struct sync *s, char **branch, struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const words[] = {
		"ls-remote", "--symref", "--", s->url, "HEAD", NULL
	};
	static const char mark[] = "ref: refs/heads/";

	if (git_remote_run(s->req, s->url, words, &said, err) < 0)
		return -1;
	if (strncmp(said.data, mark, strlen(mark)) == 0) {
		const char *name = said.data + strlen(mark);

		*branch = xstrndup(name, strcspn(name, "\t\n"));
	}
	return 0;
}

/* Is it a name that git takes for a branch or tag? */
static bool is_ref_name(const char *ref)
{
	return *ref && *ref != '-' && *ref != '/' && strlen(ref) < 200 &&
	       !strpbrk(ref, " ~^:?*[\\\t\n\r") && !strstr(ref, "..") &&
	       !strstr(ref, "@{");
}

static int find_commit(struct sync *s, char **branch, struct err *err)
{
	AUTO_FREE char *head = s->ref ? xasprintf(SYNC_HEADS "%s", s->ref) : NULL;
	AUTO_FREE char *tag = s->ref ? xasprintf(SYNC_TAGS "%s", s->ref) : NULL;
	size_t hex = s->ref ? strspn(s->ref, "0123456789abcdef") : 0;
	struct err ignored;

	if (!s->ref) {
		if (resolve(s, SYNC_HEAD, &ignored) != 0)
			return err_set(err, ERR_REFUSED, "%s has no commit", s->shown);
		return default_branch(s, branch, err);
	}
	if (resolve(s, head, &ignored) == 0) {
		*branch = xstrdup(s->ref);
		return 0;
	}
	if (resolve(s, tag, &ignored) == 0 ||
	    (hex >= 7 && !s->ref[hex] && resolve(s, s->ref, &ignored) == 0))
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s has no branch, tag or commit %s", s->shown,
		      s->ref);
	return err_hint(err, "git ls-remote %s lists what it has", s->shown);
}

/*
 * Where the commit goes.  A branch of there keeps its name, and becomes the deploy branch
 * of an app that has none; the deploy branch holds what was synced last.
 */
static int place(struct sync *s, char *branch, struct err *err)
{
	struct request *req = s->req;
	AUTO_FREE char *deployed = NULL;
	bool is_set;

	s->branch = branch;
	if (git_repo_branch(req->st, req->app.id, &deployed, &is_set, err) < 0)
		return -1;
	if (!s->branch) {
		s->branch = take_str(&deployed);
		return 0;
	}
	if (request_flag(req, "skip-deploy-branch")) {
		out_step(req->out, "%s: skipping deploy-branch setting", s->branch);
		return 0;
	}
	if (!is_set && s->ref)
		out_step(req->out, "Detected branch, setting deploy-branch to %s",
			 s->branch);
	if (!is_set)
		return property_set(req->st, req->app.id, "git", "deploy-branch",
				    s->branch, err) < 0
			       ? -1
			       : git_repo_set_head(req->app.name, s->branch, err);
	if (strcmp(deployed, s->branch) != 0)
		s->also = take_str(&deployed);
	return 0;
}

static int update_ref(struct sync *s, const char *branch, struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO_FREE char *ref = xasprintf("refs/heads/%s", branch);
	const char *const words[] = { "update-ref", ref, s->sha, NULL };

	return git_remote_run(s->req, NULL, words, &said, err);
}

/* Is that commit what serves? */
static int serves(struct sync *s, bool *same, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	int rc = release_live(s->req->st, s->req->app.id, &live, err);

	if (rc < 0)
		return -1;
	*same = rc == 0 && live.revision && strcmp(live.revision, s->sha) == 0;
	return 0;
}

static int build(struct sync *s, struct err *err)
{
	struct request *req = s->req;
	AUTO_FREE char *from = xasprintf("%s#%s", s->shown, s->ref ? s->ref : s->branch);
	bool same = false;

	if (!request_flag(req, "build") && !request_flag(req, "build-if-changes"))
		return 0;
	if (request_flag(req, "build-if-changes") && serves(s, &same, err) < 0)
		return -1;
	if (same) {
		out_step(req->out, "Skipping build as no changes were detected");
		return 0;
	}
	plugin_name_source("git-sync");
	if (trigger(req->st, req->out, err, TRIGGER_RECEIVE_APP, req->app.name, s->sha,
		    NULL) < 0)
		return -1;
	return trigger(req->st, req->out, err, TRIGGER_DEPLOY_SOURCE_SET, req->app.name,
		       "git-sync", from, NULL) < 0
		       ? -1
		       : 0;
}

static int check_words(struct sync *s, struct err *err)
{
	struct request *req = s->req;

	if (s->ref && !is_ref_name(s->ref))
		return err_set(err, ERR_USAGE,
			       "'%.100s' is not the name of a branch, tag or commit",
			       s->ref);
	return git_remote_check(req, s->url, err);
}

int git_cmd_sync(struct request *req, struct err *err)
{
	AUTO(sync_release)
	struct sync s = { .req = req,
			  .url = req->argv[1],
			  .ref = req->argc > 2 && *req->argv[2] ? req->argv[2] : NULL };
	AUTO_FREE char *branch = NULL;
	char tip[GIT_SHA];
	int rc;

	if (check_words(&s, err) < 0 || find_app(req, err) < 0)
		return -1;
	s.shown = git_remote_shown(s.url);
	rc = git_repo_deploy_tip(req->st, &req->app, tip, err);
	if (rc < 0)
		return -1;
	out_step(req->out, "%s %s from %s%s%s",
		 rc == 0 ? "Fetching remote code for" : "Cloning", req->app.name, s.shown,
		 s.ref ? "#" : "", s.ref ? s.ref : "");
	if (fetch(&s, err) < 0 || find_commit(&s, &branch, err) < 0 ||
	    place(&s, take_str(&branch), err) < 0 || build(&s, err) < 0)
		return -1;
	return update_ref(&s, s.branch, err) < 0 ||
			       (s.also && update_ref(&s, s.also, err) < 0)
		       ? -1
		       : 0;
}
