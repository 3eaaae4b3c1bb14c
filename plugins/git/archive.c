/* SPDX-License-Identifier: MIT */
#include "plugins/git/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/strv.h"

enum { PATH_BYTES = 4000, LINK_BYTES = 4000, CHUNK = 65536 };

struct member {
	char *path;
	git_oid id;
	uint32_t mode;
};

struct reading {
	git_repository *repo;
	struct archive *from;
	const struct archive_limits *limits;
	long long bytes;
	long count;
	struct member *v;
	size_t len;
};

static void reading_release(struct reading *r)
{
	if (r->from)
		(void)archive_read_free(r->from);
	for (size_t i = 0; i < r->len; i++)
		free(r->v[i].path);
	free(r->v);
}

static int git_failed(const char *what, struct err *err)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_HOST, "%s: %s", what, e ? e->message : "unknown reason");
}

/* Without "./" in front; refused when it could lead out of the tree, or into .git. */
static int check_path(const char *path, char **clean, struct err *err)
{
	AUTO(strv_release) struct strv parts = STRV_INIT;
	AUTO(strv_release) struct strv kept = STRV_INIT;

	if (!path || strlen(path) > PATH_BYTES)
		return err_set(err, ERR_REFUSED,
			       "Archive contains a name that cannot be");
	if (*path == '/')
		return err_set(err, ERR_REFUSED,
			       "Archive contains entries with absolute paths: %.200s",
			       path);
	strv_split(&parts, path, "/");
	strv_foreach(part, &parts) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0)
			return err_set(err, ERR_REFUSED,
				       "Archive contains entries with parent directory "
				       "traversal: %.200s",
				       path);
		if (strcasecmp(part, ".git") == 0)
			return err_set(err, ERR_REFUSED,
				       "Archive contains a repository: %.200s", path);
		strv_add(&kept, part);
	}
	*clean = strv_join(&kept, "/");
	return 0;
}

/* A symlink may point anywhere below the top of the archive. */
static int check_link(const char *path, const char *target, struct err *err)
{
	AUTO(strv_release) struct strv parts = STRV_INIT;
	int depth = 0;

	if (!target || !*target || strlen(target) > LINK_BYTES)
		return err_set(err, ERR_REFUSED,
			       "Archive contains a symlink without a target: %.200s",
			       path);
	if (*target == '/')
		return err_set(err, ERR_REFUSED,
			       "Archive contains symlinks with absolute targets: %.200s",
			       path);
	for (const char *c = path; *c; c++)
		depth += *c == '/';
	strv_split(&parts, target, "/");
	strv_foreach(part, &parts) {
		if (strcmp(part, ".") != 0)
			depth += strcmp(part, "..") == 0 ? -1 : 1;
		if (depth < 0)
			return err_set(err, ERR_REFUSED,
				       "Archive contains symlinks pointing outside "
				       "extraction directory: %.200s",
				       path);
	}
	return 0;
}

static void add(struct reading *r, char **path, const git_oid *id, uint32_t mode)
{
	r->v = xrealloc(r->v, r->len + 1, sizeof *r->v);
	r->v[r->len++] = (struct member){ take_str(path), *id, mode };
}

static int too_large(const struct reading *r, struct err *err)
{
	(void)err_set(err, ERR_REFUSED,
		      "Archive exceeds maximum allowed size of %lld bytes",
		      r->limits->bytes);
	return err_hint(err, "davit git:set --global archive-max-size BYTES");
}

/* The bytes of the member at hand, as a blob. */
static int copy_blob(struct reading *r, git_oid *id, struct err *err)
{
	git_writestream *to = NULL;
	char chunk[CHUNK];
	la_ssize_t n;

	if (git_blob_create_from_stream(&to, r->repo, NULL) < 0)
		return git_failed("a blob", err);
	while ((n = archive_read_data(r->from, chunk, sizeof chunk)) > 0) {
		r->bytes += n;
		if (r->bytes > r->limits->bytes) {
			to->free(to);
			return too_large(r, err);
		}
		if (to->write(to, chunk, (size_t)n) < 0) {
			to->free(to);
			return git_failed("a blob", err);
		}
	}
	if (n < 0) {
		to->free(to);
		return err_set(err, ERR_REFUSED, "the archive cannot be read: %s",
			       archive_error_string(r->from));
	}
	return git_blob_create_from_stream_commit(id, to) < 0 ? git_failed("a blob", err)
							      : 0;
}

/* A second name of a file that came before. */
static int take_hardlink(struct reading *r, const char *target, char **path,
			 struct err *err)
{
	AUTO_FREE char *clean = NULL;

	if (check_path(target, &clean, err) < 0)
		return -1;
	for (size_t i = 0; i < r->len; i++)
		if (strcmp(r->v[i].path, clean) == 0) {
			git_oid id = r->v[i].id;

			add(r, path, &id, r->v[i].mode);
			return 0;
		}
	return err_set(err, ERR_REFUSED, "Archive contains a link to nothing: %.200s",
		       *path);
}

static int take_member(struct reading *r, struct archive_entry *e, struct err *err)
{
	mode_t type = archive_entry_filetype(e);
	AUTO_FREE char *path = NULL;
	git_oid id;

	if (++r->count > r->limits->files) {
		(void)err_set(
			err, ERR_REFUSED,
			"Archive has a number of entries that exceeds the maximum of "
			"%ld",
			r->limits->files);
		return err_hint(err, "davit git:set --global archive-max-files NUMBER");
	}
	if (check_path(archive_entry_pathname(e), &path, err) < 0)
		return -1;
	if (type == AE_IFDIR || !*path)
		return 0;
	if (archive_entry_hardlink(e))
		return take_hardlink(r, archive_entry_hardlink(e), &path, err);
	if (type == AE_IFLNK) {
		const char *target = archive_entry_symlink(e);

		if (check_link(path, target, err) < 0)
			return -1;
		if (git_blob_create_from_buffer(&id, r->repo, target, strlen(target)) < 0)
			return git_failed("a blob", err);
		add(r, &path, &id, GIT_FILEMODE_LINK);
		return 0;
	}
	if (type != AE_IFREG)
		return err_set(err, ERR_REFUSED,
			       "Archive contains what is no file, directory or link: "
			       "%.200s",
			       path);
	if (copy_blob(r, &id, err) < 0)
		return -1;
	add(r, &path, &id,
	    archive_entry_perm(e) & 0100 ? GIT_FILEMODE_BLOB_EXECUTABLE
					 : GIT_FILEMODE_BLOB);
	return 0;
}

/* How much of each path is the one directory that holds everything. */
static size_t common_directory(const struct reading *r)
{
	const char *slash = r->len ? strchr(r->v[0].path, '/') : NULL;
	size_t n = slash ? (size_t)(slash - r->v[0].path) + 1 : 0;

	for (size_t i = 1; n && i < r->len; i++)
		if (strncmp(r->v[i].path, r->v[0].path, n) != 0)
			n = 0;
	return n;
}

static int write_tree(const struct reading *r, git_oid *tree, struct err *err)
{
	size_t skip = common_directory(r);
	git_index *index = NULL;
	int rc = git_index_new(&index);

	for (size_t i = 0; rc == 0 && i < r->len; i++) {
		git_index_entry e = { .mode = r->v[i].mode,
				      .id = r->v[i].id,
				      .path = r->v[i].path + skip };

		rc = git_index_add(index, &e);
	}
	if (rc == 0)
		rc = git_index_write_tree_to(tree, index, r->repo);
	git_index_free(index);
	return rc < 0 ? git_failed("the tree of the archive", err) : 0;
}

static void know_format(struct archive *a, const char *type)
{
	if (strcmp(type, "zip") == 0) {
		(void)archive_read_support_format_zip(a);
		return;
	}
	(void)archive_read_support_format_tar(a);
	(void)archive_read_support_filter_gzip(a);
}

int archive_tree(git_repository *repo, int fd, const char *type,
		 const struct archive_limits *limits, git_oid *tree, struct err *err)
{
	AUTO(reading_release)
	struct reading r = { .repo = repo, .from = archive_read_new(), .limits = limits };
	struct archive_entry *e;
	int rc;

	know_format(r.from, type);
	rc = archive_read_open_fd(r.from, fd, CHUNK);
	while (rc == ARCHIVE_OK &&
	       (rc = archive_read_next_header(r.from, &e)) == ARCHIVE_OK)
		if (take_member(&r, e, err) < 0)
			return -1;
	if (rc != ARCHIVE_EOF)
		return err_set(err, ERR_REFUSED, "this is no %s archive: %s", type,
			       archive_error_string(r.from));
	if (!r.len)
		return err_set(err, ERR_REFUSED, "the archive holds no file");
	return write_tree(&r, tree, err);
}
