/* SPDX-License-Identifier: MIT */
#include "deploy/gitdir.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"

#define GIT "/usr/bin/git"

enum { SAID_MAX = 400 };

static void add_environment(struct strv *env)
{
	static const char *const handed_on[] = { "GIT_QUARANTINE_PATH",
						 "GIT_SHALLOW_FILE" };

	strv_add(env, proc_plain_env[0]);
	strv_add(env, "LC_ALL=C.UTF-8");
	strv_add(env, "HOME=/");
	strv_add(env, "GIT_CONFIG_NOSYSTEM=1");
	strv_add(env, "GIT_CONFIG_GLOBAL=/dev/null");
	strv_add(env, "GIT_COMMITTER_NAME=davit");
	strv_add(env, "GIT_COMMITTER_EMAIL=davit@localhost");
	if (getenv(handed_on[0]))
		strv_addf(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES=%s",
			  getenv(handed_on[0]));
	if (getenv(handed_on[1]))
		strv_addf(env, "GIT_SHALLOW_FILE=%s", getenv(handed_on[1]));
}

static int run(const struct source *want, const char *const *argv, const struct buf *in,
	       struct err *err)
{
	AUTO(strv_release) struct strv env = STRV_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	struct proc p = { .argv = argv,
			  .in = in,
			  .out = &out,
			  .err = &said,
			  .cancel_fd = want->cancel_fd };
	struct proc_end end;

	add_environment(&env);
	p.env = strv_const(&env);
	if (proc_run(&p, &end, err) < 0)
		return -1;
	if (end.code == 0)
		return 0;
	buf_cut(&said, said.len > SAID_MAX ? SAID_MAX : said.len);
	(void)err_set(err, ERR_HOST, "git could not make the .git of the tree: %s",
		      said.data);
	return err_hint(err, "davit git:set <app> keep-git-dir false builds without it");
}

int gitdir_make(const struct source *want, const char *sha, const char *branch,
		struct err *err)
{
	AUTO_FREE char *first = xasprintf("--initial-branch=%s", branch);
	AUTO_FREE char *repo = xasprintf("--git-dir=%s", want->repo);
	AUTO_FREE char *git_dir = xasprintf("--git-dir=%s/.git", want->target);
	AUTO_FREE char *pack = paths_in(want->target, ".git/objects/pack/pack");
	AUTO(buf_release) struct buf tip = BUF_INIT;
	const char *const init[] = { GIT, "init", "-q", first, want->target, NULL };
	const char *const copy[] = {
		GIT, repo, "pack-objects", "-q", "--revs", pack, NULL
	};
	const char *const head[] = { GIT,      git_dir, "update-ref", "-m",
				     "deploy", "HEAD",  sha,          NULL };
	const char *const index[] = { GIT, git_dir, "read-tree", sha, NULL };

	buf_addf(&tip, "%s\n", sha);
	if (run(want, init, NULL, err) < 0 || run(want, copy, &tip, err) < 0 ||
	    run(want, head, NULL, err) < 0)
		return -1;
	/* With a build-dir the tree is not that of the commit. */
	return want->build_dir && *want->build_dir ? 0 : run(want, index, NULL, err);
}
