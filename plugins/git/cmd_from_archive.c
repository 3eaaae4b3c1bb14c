/* SPDX-License-Identifier: MIT */
/* git:from-archive APP URL|--: the files of an archive as a commit, deployed. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "plugins/git/archive.h"
#include "plugins/git/download.h"
#include "plugins/git/git.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { COPY_CHUNK = 65536 };

struct from_archive {
	struct request *req;
	const char *url; /* NULL: stdin */
	const char *type;
	const char *name;
	const char *email;
	struct archive_limits limits;
	git_repository *repo;
	git_commit *parent; /* or NULL */
	char sha[GIT_SHA];
};

static void from_archive_release(struct from_archive *f)
{
	git_commit_free(f->parent);
	git_repository_free(f->repo);
}

/* "1g" as bytes. */
static long long size_of(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	int shift = *end == 'k' || *end == 'K'   ? 10
		    : *end == 'm' || *end == 'M' ? 20
		    : *end == 'g' || *end == 'G' ? 30
						 : 0;

	return n << shift;
}

static int load_limits(struct from_archive *f, struct err *err)
{
	AUTO_FREE char *bytes = NULL;
	AUTO_FREE char *files = NULL;
	struct store *st = f->req->st;

	if (property_get(st, PROPERTY(STORE_GLOBAL, "git", "archive-max-size"),
			 "1073741824", &bytes, err) < 0 ||
	    property_get(st, PROPERTY(STORE_GLOBAL, "git", "archive-max-files"), "10000",
			 &files, err) < 0)
		return -1;
	f->limits.bytes = size_of(bytes);
	f->limits.files = strtol(files, NULL, 10);
	return 0;
}

/* APP [URL] [NAME EMAIL]: "--" for stdin ends the flags, and is no word any more. */
static int take_words(struct from_archive *f, struct err *err)
{
	struct request *req = f->req;
	const char *type = request_value(req, "archive-type");
	bool has_url = req->argc == 2 || req->argc == 4;
	int at = has_url ? 2 : 1;

	f->type = type ? type : "tar";
	if (strcmp(f->type, "tar") != 0 && strcmp(f->type, "tar.gz") != 0 &&
	    strcmp(f->type, "zip") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid archive type %.60s: it is tar, tar.gz or zip",
			       f->type);
	f->url = has_url ? req->argv[1] : NULL;
	f->name = req->argc > at ? req->argv[at] : "davit";
	f->email = req->argc > at ? req->argv[at + 1] : "davit@localhost";
	if (f->url && strncmp(f->url, "https://", 8) != 0 &&
	    strncmp(f->url, "http://", 7) != 0) {
		(void)err_set(err, ERR_USAGE, "'%.200s' is not the URL of an archive",
			      f->url);
		return err_hint(err, "https://HOST/FILE; or -- for an archive on stdin");
	}
	if (f->url || !isatty(STDIN_FILENO))
		return 0;
	(void)err_set(err, ERR_USAGE, "no archive: neither a URL nor a file on stdin");
	return err_hint(err, "usage: davit git:from-archive %s", req->command->usage);
}

/* As much of stdin as may be, into a file that can be read twice. */
static int copy_stdin(const struct from_archive *f, int fd, struct err *err)
{
	char chunk[COPY_CHUNK];
	long long total = 0;
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof chunk)) > 0) {
		total += n;
		if (total > 2 * f->limits.bytes + (1 << 20))
			return err_set(
				err, ERR_REFUSED,
				"Archive exceeds maximum allowed size of %lld bytes",
				f->limits.bytes);
		if (fs_write_all(fd, chunk, (size_t)n) < 0)
			return err_sys(err, "keep the archive");
	}
	return n < 0 ? err_sys(err, "read the archive") : 0;
}

/* A descriptor of the archive at its start, or -1. */
static int get(const struct from_archive *f, struct err *err)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "store/work");
	AUTO_FREE char *netrc = paths_in(plugin_home(), ".netrc");
	AUTO_CLOSE int fd = -1;
	int rc;

	if (fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "make a file in %s", dir);
	rc = f->url ? download_file(f->url, netrc, fd, 2 * f->limits.bytes + (1 << 20),
				    err)
		    : copy_stdin(f, fd, err);
	if (rc < 0)
		return -1;
	return lseek(fd, 0, SEEK_SET) < 0 ? err_sys(err, "read the archive")
					  : take_fd(&fd);
}

static int open_repo(struct from_archive *f, struct err *err)
{
	AUTO_FREE char *path = git_repo_path(f->req->app.name);
	char tip[GIT_SHA];
	git_oid id;
	int rc = git_repo_deploy_tip(f->req->st, &f->req->app, tip, err);

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

static int make_commit(struct from_archive *f, const git_oid *tree_id, struct err *err)
{
	const git_commit *parents[] = { f->parent };
	git_signature *who = NULL;
	git_tree *tree = NULL;
	git_oid id;
	int rc = git_signature_now(&who, f->name, f->email);

	if (rc == 0)
		rc = git_tree_lookup(&tree, f->repo, tree_id);
	if (rc == 0)
		rc = git_commit_create(&id, f->repo, NULL, who, who, "UTF-8",
				       "Files of an archive\n", tree, f->parent ? 1 : 0,
				       parents);
	git_tree_free(tree);
	git_signature_free(who);
	if (rc < 0)
		return err_set(err, ERR_REFUSED, "the archive makes no commit: %s",
			       git_error_last()->message);
	(void)git_oid_tostr(f->sha, sizeof f->sha, &id);
	return 0;
}

static int commit(struct from_archive *f, struct err *err)
{
	AUTO_CLOSE int fd = get(f, err);
	git_oid tree;

	if (fd < 0 || open_repo(f, err) < 0 ||
	    archive_tree(f->repo, fd, f->type, &f->limits, &tree, err) < 0)
		return -1;
	if (f->parent && git_oid_equal(git_commit_tree_id(f->parent), &tree)) {
		(void)err_set(err, ERR_REFUSED,
			      "No changes detected: the archive holds what is there");
		return err_hint(err, "davit ps:rebuild %s builds it again",
				f->req->app.name);
	}
	return make_commit(f, &tree, err);
}

/* The branch follows when all has gone well, as with a push. */
static int deploy(struct from_archive *f, struct err *err)
{
	struct request *req = f->req;
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO_FREE char *branch = NULL;
	AUTO_FREE char *ref = NULL;
	AUTO_FREE char *shown = f->url ? git_remote_shown(f->url) : xstrdup("--");
	bool is_set;

	if (git_repo_branch(req->st, req->app.id, &branch, &is_set, err) < 0 ||
	    trigger(req->st, req->out, err, TRIGGER_RECEIVE_APP, req->app.name, f->sha,
		    NULL) < 0)
		return -1;
	ref = xasprintf("refs/heads/%s", branch);

	const char *const words[] = { "update-ref", ref, f->sha, NULL };

	if (git_remote_run(req, words, &said, err) < 0)
		return -1;
	return trigger(req->st, req->out, err, TRIGGER_DEPLOY_SOURCE_SET, req->app.name,
		       f->type, shown, NULL) < 0
		       ? -1
		       : 0;
}

int git_cmd_from_archive(struct request *req, struct err *err)
{
	AUTO(from_archive_release) struct from_archive f = { .req = req };
	AUTO_FREE char *name = NULL;

	if (take_words(&f, err) < 0 || load_limits(&f, err) < 0 ||
	    git_serve_name(req->st, req->argv[0], &name, err) < 0 ||
	    git_serve_find_or_make(req, name, err) < 0 || git_repo_make(name, err) < 0)
		return -1;
	out_step(req->out, "Fetching the archive for %s", name);
	return commit(&f, err) < 0 ? -1 : deploy(&f, err);
}
