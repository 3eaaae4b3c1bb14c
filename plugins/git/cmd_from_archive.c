/* SPDX-License-Identifier: MIT */
/* git:from-archive APP URL|--: the files of an archive as a commit, deployed. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "plugins/git/archive.h"
#include "plugins/git/download.h"
#include "plugins/git/files.h"
#include "plugins/git/git.h"
#include "store/property.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

enum { COPY_CHUNK = 65536 };

/* What the words say. */
struct from_archive {
	const char *url; /* NULL: stdin */
	const char *type;
	struct archive_limits limits;
	struct files files;
};

static void from_archive_release(struct from_archive *f)
{
	files_release(&f->files);
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
	struct store *st = f->files.st;

	if (property_get(st, PROPERTY(STORE_GLOBAL, "git", "archive-max-size"),
			 "1073741824", &bytes, err) < 0 ||
	    property_get(st, PROPERTY(STORE_GLOBAL, "git", "archive-max-files"), "10000",
			 &files, err) < 0)
		return -1;
	f->limits.bytes = size_of(bytes);
	f->limits.files = strtol(files, NULL, 10);
	return 0;
}

static int check_words(const struct from_archive *f, struct err *err)
{
	if (strcmp(f->type, "tar") != 0 && strcmp(f->type, "tar.gz") != 0 &&
	    strcmp(f->type, "zip") != 0)
		return err_set(err, ERR_USAGE,
			       "Invalid archive type %.60s: it is tar, tar.gz or zip",
			       f->type);
	if (!f->url || strncmp(f->url, "https://", 8) == 0 ||
	    strncmp(f->url, "http://", 7) == 0)
		return 0;
	(void)err_set(err, ERR_USAGE, "'%.200s' is not the URL of an archive", f->url);
	return err_hint(err, "https://HOST/FILE; or -- for an archive on stdin");
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

int git_on_git_from_archive(const struct plugin *self, struct trigger_call *call,
			    struct err *err)
{
	AUTO(from_archive_release) struct from_archive f = { .url = NULL };
	AUTO_CLOSE int fd = -1;
	AUTO_FREE char *shown = NULL;
	const char *const *w = call->argv;
	git_oid tree;

	(void)self;
	if (!w[0] || !w[1] || !w[2])
		return err_set(err, ERR_USAGE, "git-from-archive: %s",
			       trigger_words(call->id));
	f.url = strcmp(w[1], "--") == 0 ? NULL : w[1];
	f.type = w[2];
	if (check_words(&f, err) < 0 || files_start(&f.files, call, w + 3, err) < 0 ||
	    load_limits(&f, err) < 0)
		return -1;
	plugin_name_source("git-from-archive");
	out_step(call->to, "Fetching the archive for %s", w[0]);
	fd = get(&f, err);
	if (fd < 0 || archive_tree(f.files.repo, fd, f.type, &f.limits, &tree, err) < 0 ||
	    files_commit(&f.files, &tree, "Files of an archive\n", err) < 0 ||
	    files_receive(&f.files, err) < 0)
		return -1;
	shown = f.url ? git_remote_shown(f.url) : xstrdup("--");
	return trigger(call->st, call->to, err, TRIGGER_DEPLOY_SOURCE_SET, w[0], f.type,
		       shown, NULL) < 0
		       ? -1
		       : 0;
}

/* APP [URL] [NAME EMAIL]: "--" for stdin ends the flags, and is no word any more. */
int git_cmd_from_archive(struct request *req, struct err *err)
{
	bool has_url = req->argc == 2 || req->argc == 4;
	int at = has_url ? 2 : 1;
	bool has_author = req->argc > at;
	const char *type = request_value(req, "archive-type");
	struct from_archive f = { .url = has_url ? req->argv[1] : NULL,
				  .type = type ? type : "tar" };
	AUTO_FREE char *name = NULL;

	if (check_words(&f, err) < 0)
		return -1;
	if (!f.url && isatty(STDIN_FILENO)) {
		(void)err_set(err, ERR_USAGE,
			      "no archive: neither a URL nor a file on stdin");
		return err_hint(err, "usage: davit git:from-archive %s",
				req->command->usage);
	}
	if (git_serve_name(req->st, req->argv[0], &name, err) < 0 ||
	    git_serve_find_or_make(req, name, err) < 0)
		return -1;
	return trigger(req->st, req->out, err, TRIGGER_GIT_FROM_ARCHIVE, req->app.name,
		       f.url ? f.url : "--", f.type,
		       has_author ? req->argv[at] : FILES_NAME,
		       has_author ? req->argv[at + 1] : FILES_EMAIL, NULL) < 0
		       ? -1
		       : 0;
}
