/* SPDX-License-Identifier: MIT */
#include "deploy/source.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/export_ignore.h"
#include "deploy/submodule.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

#define DEPTH_MAX      64
#define PATH_BYTES     4000
#define ATTRIBUTES_MAX (1 << 20)

/* One extraction, submodules included. */
struct walk {
	const struct source *want;
	struct source_info *info;
	git_repository *repo;
	git_odb *odb;
	struct export_rules rules;
	struct submodules subs;
	struct buf path; /* of the entry at hand, relative to the target */
	int depth;
};

static int fail(struct err *err, const char *what)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_HOST, "%s: %s", what, e ? e->message : "unknown reason");
}

/* No configuration but the repository's own: neither the host's nor a home's. */
static void start_libgit2(void)
{
	static const int levels[] = { GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
				      GIT_CONFIG_LEVEL_GLOBAL,
				      GIT_CONFIG_LEVEL_PROGRAMDATA };

	if (git_libgit2_init() > 1)
		return;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		(void)git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
}

/* Objects of a push lie beside the repository's own until its hook has agreed. */
static int open_repo(const char *path, git_repository **repo, git_odb **odb,
		     struct err *err)
{
	const char *quarantine = getenv("GIT_QUARANTINE_PATH");
	AUTO_FREE char *real = realpath(path, NULL);

	start_libgit2();
	if (git_repository_open_bare(repo, path) < 0 ||
	    git_repository_odb(odb, *repo) < 0) {
		(void)fail(err, path);
		return err_hint(err, "push to the app first");
	}
	if (quarantine && real && strncmp(quarantine, real, strlen(real)) == 0 &&
	    git_odb_add_disk_alternate(*odb, quarantine) < 0)
		return fail(err, quarantine);
	return 0;
}

/* A branch comes first: git alone would take a tag of the same name. */
static int find_commit(git_repository *repo, const char *revision, git_commit **commit,
		       struct err *err)
{
	static const char *const under[] = { "refs/heads/", "" };
	git_object *object = NULL;

	for (size_t i = 0; i < sizeof under / sizeof *under; i++) {
		AUTO_FREE char *spec = xasprintf("%s%s^{commit}", under[i], revision);

		if (git_revparse_single(&object, repo, spec) == 0) {
			*commit = (git_commit *)object;
			return 0;
		}
	}
	(void)err_set(err, ERR_APP, "there is no commit %s in the repository", revision);
	return err_hint(err, "push it first: git push davit <branch>");
}

static void fill_info(git_commit *commit, struct source_info *info)
{
	const git_signature *who = git_commit_author(commit);
	const char *summary = git_commit_summary(commit);

	(void)git_oid_tostr(info->sha, sizeof info->sha, git_commit_id(commit));
	(void)snprintf(info->author, sizeof info->author, "%s <%s>", who->name,
		       who->email);
	(void)snprintf(info->summary, sizeof info->summary, "%s", summary ? summary : "");
	info->time = git_commit_time(commit);
}

static int check_name(const struct walk *w, const char *name, struct err *err)
{
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strcasecmp(name, ".git") == 0 || strchr(name, '/')) {
		(void)err_set(err, ERR_APP, "the commit holds a file named '%s' in %s/",
			      name, w->path.data);
		return err_hint(err,
				"rewrite the commits that brought it: git filter-repo");
	}
	if (w->path.len + strlen(name) + 2 > PATH_BYTES)
		return err_set(err, ERR_APP, "a path longer than %d bytes: %.100s...",
			       PATH_BYTES, w->path.data);
	return 0;
}

static int count(struct walk *w, int64_t bytes, struct err *err)
{
	w->info->files++;
	w->info->bytes += bytes;
	if (w->info->files > SOURCE_FILES_MAX)
		return err_set(err, ERR_APP, "the commit has more than %ld files",
			       SOURCE_FILES_MAX);
	if (w->info->bytes > SOURCE_BYTES_MAX || bytes > SOURCE_BLOB_MAX) {
		(void)err_set(
			err, ERR_APP,
			"the commit is too large: %s (%lld MiB); the limits are %lld "
			"MiB for a file and %lld MiB for all of them",
			w->path.data, (long long)bytes >> 20, SOURCE_BLOB_MAX >> 20,
			SOURCE_BYTES_MAX >> 20);
		return err_hint(err, "keep large data out of git: davit storage:mount");
	}
	return 0;
}

static void note_lfs(struct walk *w, const char *data, size_t len)
{
	static const char mark[] = "version https://git-lfs.github.com/spec/";

	if (len > 1024 || len < sizeof mark || memcmp(data, mark, sizeof mark - 1) != 0)
		return;
	if (w->info->lfs_count++ < SOURCE_LFS_NAMED)
		strv_add(&w->info->lfs, w->path.data);
}

static int write_file(struct walk *w, int dir, const char *name, bool executable,
		      const git_odb_object *object, struct err *err)
{
	struct timespec times[2] = { { .tv_sec = w->info->time },
				     { .tv_sec = w->info->time } };
	const void *data = git_odb_object_data((git_odb_object *)object);
	size_t len = git_odb_object_size((git_odb_object *)object);
	AUTO_CLOSE int fd = openat(dir, name,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				   executable ? 0755 : 0644);

	if (fd < 0 || fs_write_all(fd, data, len) < 0 || futimens(fd, times) < 0)
		return err_sys(err, "write %s", w->path.data);
	note_lfs(w, data, len);
	return 0;
}

static int write_link(struct walk *w, int dir, const char *name,
		      const git_odb_object *object, struct err *err)
{
	char to[PATH_BYTES + 1];
	size_t len = git_odb_object_size((git_odb_object *)object);

	if (len == 0 || len > PATH_BYTES)
		return err_set(err, ERR_APP, "the symlink %s has a target of %zu bytes",
			       w->path.data, len);
	memcpy(to, git_odb_object_data((git_odb_object *)object), len);
	to[len] = '\0';
	if (symlinkat(to, dir, name) < 0)
		return err_sys(err, "symlink %s", w->path.data);
	return 0;
}

static int write_blob(struct walk *w, int dir, const git_tree_entry *e, struct err *err)
{
	const char *name = git_tree_entry_name(e);
	unsigned mode = (unsigned)git_tree_entry_filemode_raw(e);
	git_odb_object *object = NULL;
	git_object_t type;
	size_t size;
	int rc;

	if (git_odb_read_header(&size, &type, w->odb, git_tree_entry_id(e)) < 0)
		return fail(err, w->path.data);
	if (count(w, (int64_t)size, err) < 0)
		return -1;
	if (git_odb_read(&object, w->odb, git_tree_entry_id(e)) < 0)
		return fail(err, w->path.data);
	if (S_ISLNK(mode))
		rc = write_link(w, dir, name, object, err);
	else
		rc = write_file(w, dir, name, mode & 0100, object, err);
	git_odb_object_free(object);
	return rc;
}

/* A file of a tree as text, if it is there and of a sane size. */
static bool read_entry(struct walk *w, const git_tree *tree, const char *name,
		       git_blob **blob)
{
	const git_tree_entry *e = git_tree_entry_byname(tree, name);

	if (!e || git_tree_entry_type(e) != GIT_OBJECT_BLOB ||
	    git_blob_lookup(blob, w->repo, git_tree_entry_id(e)) < 0)
		return false;
	if (git_blob_rawsize(*blob) <= ATTRIBUTES_MAX)
		return true;
	git_blob_free(*blob);
	return false;
}

static void read_rules(struct walk *w, const git_tree *tree)
{
	AUTO(buf_release) struct buf base = BUF_INIT;
	git_blob *blob = NULL;

	if (!read_entry(w, tree, ".gitattributes", &blob))
		return;
	if (w->path.len)
		buf_addf(&base, "%s/", w->path.data);
	export_rules_add(&w->rules, base.data, git_blob_rawcontent(blob),
			 (size_t)git_blob_rawsize(blob));
	git_blob_free(blob);
}

static int write_tree(struct walk *w, int dir, const git_oid *id, struct err *err);

static int write_subtree(struct walk *w, int dir, const git_tree_entry *e,
			 struct err *err)
{
	const char *name = git_tree_entry_name(e);
	AUTO_CLOSE int sub = -1;

	if (mkdirat(dir, name, 0755) < 0)
		return err_sys(err, "make %s", w->path.data);
	sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0)
		return err_sys(err, "open %s", w->path.data);
	if (git_tree_entry_type(e) == GIT_OBJECT_COMMIT) {
		char sha[41];

		submodules_want(&w->subs, w->path.data,
				git_oid_tostr(sha, sizeof sha, git_tree_entry_id(e)));
		return 0;
	}
	return write_tree(w, sub, git_tree_entry_id(e), err);
}

static int write_entry(struct walk *w, int dir, const git_tree_entry *e, struct err *err)
{
	const char *name = git_tree_entry_name(e);
	bool is_blob = git_tree_entry_type(e) == GIT_OBJECT_BLOB;
	size_t was = w->path.len;
	int rc = 0;

	if (check_name(w, name, err) < 0)
		return -1;
	buf_addf(&w->path, "%s%s", was ? "/" : "", name);
	if (!export_rules_ignore(&w->rules, w->path.data, !is_blob))
		rc = is_blob ? write_blob(w, dir, e, err) : write_subtree(w, dir, e, err);
	buf_cut(&w->path, was);
	return rc;
}

static int write_tree(struct walk *w, int dir, const git_oid *id, struct err *err)
{
	size_t rules = w->rules.len;
	git_tree *tree = NULL;
	int rc = 0;

	if (w->depth >= DEPTH_MAX)
		return err_set(err, ERR_APP, "directories are nested too deep: %.100s...",
			       w->path.data);
	if (git_tree_lookup(&tree, w->repo, id) < 0)
		return fail(err, w->path.data);
	w->depth++;
	read_rules(w, tree);
	for (size_t i = 0; rc == 0 && i < git_tree_entrycount(tree); i++)
		rc = write_entry(w, dir, git_tree_entry_byindex(tree, i), err);
	export_rules_cut(&w->rules, rules);
	w->depth--;
	git_tree_free(tree);
	return rc;
}

/* The id of the directory that becomes the tree. */
static int find_root(struct walk *w, const git_tree *tree, git_oid *id, struct err *err)
{
	AUTO_FREE char *clean = NULL;
	AUTO(strv_release) struct strv parts = STRV_INIT;
	git_tree_entry *e = NULL;
	bool is_dir;

	strv_split(&parts, w->want->build_dir ? w->want->build_dir : "", "/");
	for (size_t i = parts.len; i > 0; i--)
		if (strcmp(parts.v[i - 1], ".") == 0)
			strv_remove(&parts, i - 1);
	if (!parts.len) {
		git_oid_cpy(id, git_tree_id(tree));
		return 0;
	}
	clean = strv_join(&parts, "/");
	is_dir = git_tree_entry_bypath(&e, tree, clean) == 0 &&
		 git_tree_entry_type(e) == GIT_OBJECT_TREE;
	if (is_dir)
		git_oid_cpy(id, git_tree_entry_id(e));
	git_tree_entry_free(e);
	if (is_dir)
		return 0;
	(void)err_set(err, ERR_APP, "the commit has no directory %s (build-dir)", clean);
	return err_hint(err,
			"name another one, or none: davit builder:set <app> build-dir");
}

/* Fetch the submodules that were met and extract each in its place. */
static int write_submodules(struct walk *w, const git_tree *top, struct err *err)
{
	git_blob *blob = NULL;
	int rc = 0;

	if (!w->subs.len)
		return 0;
	if (read_entry(w, top, ".gitmodules", &blob)) {
		submodules_read(&w->subs, w->want->build_dir, git_blob_rawcontent(blob),
				(size_t)git_blob_rawsize(blob));
		git_blob_free(blob);
	}
	for (size_t i = 0; rc == 0 && i < w->subs.len; i++)
		rc = submodule_write(&w->subs.v[i], w->want, w->info, err);
	return rc;
}

static int write_commit(struct walk *w, git_commit *commit, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	git_tree *tree = NULL;
	git_oid root;
	int rc;

	if (git_commit_tree(&tree, commit) < 0)
		return fail(err, w->info->sha);
	rc = find_root(w, tree, &root, err);
	if (rc == 0) {
		dir = open(w->want->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = dir < 0 ? err_sys(err, "%s", w->want->target)
			     : write_tree(w, dir, &root, err);
	}
	if (rc == 0)
		rc = write_submodules(w, tree, err);
	git_tree_free(tree);
	return rc;
}

int source_write(const struct source *want, struct source_info *info, struct err *err)
{
	struct walk w = { .want = want,
			  .info = info,
			  .rules = EXPORT_RULES_INIT,
			  .subs = SUBMODULES_INIT,
			  .path = BUF_INIT };
	git_commit *commit = NULL;
	int rc = -1;

	if (open_repo(want->repo, &w.repo, &w.odb, err) == 0 &&
	    find_commit(w.repo, want->revision, &commit, err) == 0) {
		if (!info->sha[0])
			fill_info(commit, info);
		rc = write_commit(&w, commit, err);
	}
	git_commit_free(commit);
	git_odb_free(w.odb);
	git_repository_free(w.repo);
	export_rules_release(&w.rules);
	submodules_release(&w.subs);
	buf_release(&w.path);
	(void)git_libgit2_shutdown();
	return rc;
}

static void say_lfs(const struct source *want, const struct source_info *info)
{
	if (!want->to || !info->lfs_count)
		return;
	out_warn(want->to,
		 "%ld file%s in this commit %s Git LFS pointer%s, not the file itself:",
		 info->lfs_count, info->lfs_count == 1 ? "" : "s",
		 info->lfs_count == 1 ? "is a" : "are", info->lfs_count == 1 ? "" : "s");
	strv_foreach(name, &info->lfs)
		out_warn(want->to, "  %s", name);
	out_warn(want->to,
		 "davit keeps no LFS store: fetch them in your build, or put them "
		 "into git (git lfs migrate export)");
}

int source_extract(const struct source *want, struct source_info *ret, struct err *err)
{
	struct source_info info = SOURCE_INFO_INIT;

	if (mkdir(want->target, 0700) < 0)
		return err_sys(err, "make %s", want->target);
	if (source_write(want, &info, err) < 0) {
		source_info_release(&info);
		return err_context(err, "source");
	}
	say_lfs(want, &info);
	*ret = info;
	return 0;
}

int source_resolve(const char *repo, const char *revision, char sha[41], struct err *err)
{
	git_repository *r = NULL;
	git_odb *odb = NULL;
	git_commit *commit = NULL;
	int rc = -1;

	if (open_repo(repo, &r, &odb, err) == 0 &&
	    find_commit(r, revision, &commit, err) == 0) {
		(void)git_oid_tostr(sha, 41, git_commit_id(commit));
		rc = 0;
	}
	git_commit_free(commit);
	git_odb_free(odb);
	git_repository_free(r);
	(void)git_libgit2_shutdown();
	return rc;
}

void source_info_release(struct source_info *i)
{
	strv_release(&i->lfs);
}
