/* SPDX-License-Identifier: MIT */
/* git-from-directory: the files below a directory of this host as a commit, deployed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/git/files.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

enum { ADD_MS = 10 * 60 * 1000 };

/* One word of git over the directory's files, with an index of its own. */
static int run_git(const char *repo, const char *dir, const char *index,
		   const char *const *words, struct buf *said, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(buf_release) struct buf why = BUF_INIT;
	AUTO_FREE char *index_is = xasprintf("GIT_INDEX_FILE=%s", index);
	const char *const env[] = { proc_plain_env[0],
				    "LC_ALL=C.UTF-8",
				    "HOME=/nonexistent",
				    "GIT_CONFIG_NOSYSTEM=1",
				    "GIT_ATTR_NOSYSTEM=1",
				    index_is,
				    NULL };
	struct proc_end end;

	strv_add(&argv, GIT_PROGRAM);
	strv_add(&argv, "--git-dir");
	strv_add(&argv, repo);
	strv_add(&argv, "--work-tree");
	strv_add(&argv, dir);
	strv_add(&argv, "-c");
	strv_add(&argv, "core.hooksPath=/dev/null");
	for (; *words; words++)
		strv_add(&argv, *words);

	struct proc p = { .argv = strv_const(&argv),
			  .env = env,
			  .dir = dir,
			  .timeout_ms = ADD_MS,
			  .out = said,
			  .err = &why };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	buf_chomp(said);
	buf_chomp(&why);
	return end.code == 0
		       ? 0
		       : err_set(err, ERR_REFUSED, "git %s: %.500s", argv.v[7], why.data);
}

static int add_files(const struct files *f, const char *dir, const char *index,
		     git_oid *tree, struct err *err)
{
	static const char *const add[] = { "add", "--all", "--force", "--", ".", NULL };
	static const char *const write[] = { "write-tree", NULL };
	AUTO_FREE char *repo = git_repo_path(f->app.name);
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO(buf_release) struct buf sha = BUF_INIT;

	if (run_git(repo, dir, index, add, &said, err) < 0 ||
	    run_git(repo, dir, index, write, &sha, err) < 0)
		return -1;
	return git_oid_fromstr(tree, sha.data) == 0
		       ? 0
		       : err_set(err, ERR_HOST, "git write-tree said %.100s", sha.data);
}

int git_on_git_from_directory(const struct plugin *self, struct trigger_call *call,
			      struct err *err)
{
	AUTO(files_release) struct files f = { .st = NULL };
	AUTO_FREE char *index = NULL;
	const char *const *w = call->argv;
	struct err ignored;
	git_oid tree;
	int rc;

	(void)self;
	if (!w[0] || !w[1] || *w[1] != '/' || !fs_is_dir(w[1])) {
		(void)err_set(err, ERR_USAGE, "git-from-directory: %s",
			      trigger_words(call->id));
		return err_hint(err, "DIR is the absolute path of a directory");
	}
	if (files_start(&f, call, w + 2, err) < 0)
		return -1;
	index = paths_in(paths_root(), "store/work/index-%d", (int)getpid());
	if (fs_mkdirs(index, 0700, err) < 0)
		return -1;

	AUTO_FREE char *file = paths_in(index, "index");

	rc = add_files(&f, w[1], file, &tree, err);
	(void)fs_remove_tree(index, &ignored);
	return rc < 0 || files_commit(&f, &tree, "Files of a directory\n", err) < 0
		       ? -1
		       : files_receive(&f, err);
}
