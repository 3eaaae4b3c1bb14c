/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/git/git.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/proc.h"

#define PACKED_REFS_MAX (16u << 20)

char *git_repo_path(const char *app)
{
	return paths_in(paths_root(), "git/%s.git", app);
}

int git_repo_make(const char *app, struct err *err)
{
	AUTO_FREE char *path = git_repo_path(app);
	AUTO_FREE char *head = paths_in(path, "HEAD");
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const argv[] = { GIT_PROGRAM,   "init", "--quiet", "--bare",
				     "--template=", "--",   path,      NULL };
	const char *const env[] = { proc_plain_env[0], "GIT_CONFIG_NOSYSTEM=1",
				    "HOME=/nonexistent", NULL };
	struct proc p = { .argv = argv, .env = env, .out = &said, .flags = PROC_MERGE };
	struct proc_end end;

	if (fs_exists(head))
		return 0;
	if (proc_run(&p, &end, err) < 0)
		return -1;
	buf_chomp(&said);
	if (end.code != 0) {
		(void)err_set(err, ERR_HOST, "git init %s: %s", path, said.data);
		return err_hint(err, "ls -ld %s/git: it belongs to the davit user",
				paths_root());
	}
	return 0;
}

static bool is_sha(const char *s)
{
	return strspn(s, "0123456789abcdef") == GIT_SHA - 1;
}

/* A line "SHA REF" of packed-refs. */
static int packed_tip(const char *repo, const char *ref, char sha[GIT_SHA],
		      struct err *err)
{
	AUTO_FREE char *path = paths_in(repo, "packed-refs");
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc = fs_read(path, PACKED_REFS_MAX, &text, err);
	char *save = NULL;

	if (rc != 0)
		return rc < 0 ? -1 : GIT_NO_REF;
	for (char *line = strtok_r(text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!is_sha(line) || strcmp(line + GIT_SHA, ref) != 0)
			continue;
		(void)snprintf(sha, GIT_SHA, "%.40s", line);
		return 0;
	}
	return GIT_NO_REF;
}

int git_repo_tip(const char *app, const char *ref, char sha[GIT_SHA], struct err *err)
{
	AUTO_FREE char *repo = git_repo_path(app);
	AUTO_FREE char *path = paths_in(repo, "%s", ref);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int rc;

	if (fs_is_dir(path)) /* refs/heads/a while the branch is a/b */
		return packed_tip(repo, ref, sha, err);
	rc = fs_read(path, 4096, &text, err);
	if (rc < 0)
		return -1;
	if (rc == FS_ABSENT)
		return packed_tip(repo, ref, sha, err);
	if (!is_sha(text.data))
		return GIT_NO_REF;
	(void)snprintf(sha, GIT_SHA, "%.40s", text.data);
	return 0;
}

int git_repo_set_head(const char *app, const char *branch, struct err *err)
{
	AUTO_FREE char *repo = git_repo_path(app);
	AUTO_FREE char *path = paths_in(repo, "HEAD");
	AUTO(buf_release) struct buf want = BUF_INIT;
	AUTO(buf_release) struct buf have = BUF_INIT;

	buf_addf(&want, "ref: refs/heads/%s\n", branch);
	if (fs_read(path, 4096, &have, err) < 0)
		return -1;
	if (strcmp(want.data, have.data) == 0)
		return 0;
	return fs_write_atomic(path, want.data, want.len, 0644, err);
}

int git_repo_set_branch(const char *app, const char *branch, const char *sha,
			struct err *err)
{
	AUTO_FREE char *repo = git_repo_path(app);
	AUTO_FREE char *ref = xasprintf("refs/heads/%s", branch);
	AUTO(buf_release) struct buf said = BUF_INIT;
	const char *const argv[] = {
		GIT_PROGRAM,  "--git-dir", repo, "-c", "core.hooksPath=/dev/null",
		"update-ref", ref,         sha,  NULL
	};
	const struct proc p = {
		.argv = argv, .env = proc_plain_env, .out = &said, .flags = PROC_MERGE
	};
	struct proc_end end;

	if (proc_run(&p, &end, err) < 0)
		return -1;
	buf_chomp(&said);
	return end.code == 0
		       ? 0
		       : err_set(err, ERR_HOST, "%s cannot follow: %s", ref, said.data);
}

int git_repo_branch(struct store *st, int64_t app_id, char **branch, bool *is_set,
		    struct err *err)
{
	if (property_get(st, PROPERTY(app_id, "git", "deploy-branch"), "", branch, err) <
	    0)
		return -1;
	*is_set = **branch != '\0';
	if (*is_set)
		return 0;
	free(*branch);
	return property_get(st, PROPERTY(STORE_GLOBAL, "git", "deploy-branch"), "master",
			    branch, err);
}

int git_repo_deploy_tip(struct store *st, const struct app *app, char sha[GIT_SHA],
			struct err *err)
{
	AUTO_FREE char *branch = NULL;
	AUTO(buf_release) struct buf ref = BUF_INIT;
	bool is_set;

	if (git_repo_branch(st, app->id, &branch, &is_set, err) < 0)
		return -1;
	buf_addf(&ref, "refs/heads/%s", branch);
	return git_repo_tip(app->name, ref.data, sha, err);
}
