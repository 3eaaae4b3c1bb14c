/* SPDX-License-Identifier: MIT */
/* Plugins in tar archives. */
#include <archive.h>
#include <archive_entry.h>
#include <curl/curl.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/plugin/trees.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

#define ARCHIVE_MAX (256L * 1024 * 1024)
#define UNPACK_MAX  (512L * 1024 * 1024)
#define MEMBERS_MAX 20000

static void reader_free_at(struct archive **a)
{
	if (*a)
		(void)archive_read_free(*a);
}

static void writer_free_at(struct archive **a)
{
	if (*a)
		(void)archive_write_free(*a);
}

struct download {
	int fd;
	long long left;
};

static size_t take_bytes(char *data, size_t size, size_t count, void *ctx)
{
	struct download *d = ctx;
	size_t len = size * count;

	d->left -= (long long)len;
	return d->left < 0 || fs_write_all(d->fd, data, len) < 0 ? 0 : len;
}

static void only_https(CURL *c)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	(void)curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
	(void)curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
}

static int download(const char *url, int fd, struct err *err)
{
	struct download d = { .fd = fd, .left = ARCHIVE_MAX };
	CURL *c = curl_easy_init();
	CURLcode rc;

	if (!c)
		return err_set(err, ERR_HOST, "libcurl does not start");
	only_https(c);
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	(void)curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
	(void)curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT, 600L);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, &d);
	rc = curl_easy_perform(c);
	curl_easy_cleanup(c);
	if (d.left < 0)
		return err_set(err, ERR_REFUSED, "%s has more than %ld MiB", url,
			       ARCHIVE_MAX / (1024 * 1024));
	if (rc == CURLE_OK && lseek(fd, 0, SEEK_SET) == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s: %s", url, curl_easy_strerror(rc));
	return err_hint(err, "see whether this works: curl -fLI %s", url);
}

/* A descriptor of the archive, or -1. */
static int open_archive(const char *url, const char *beside, struct err *err)
{
	AUTO_CLOSE int fd = -1;

	if (strncmp(url, "file://", 7) == 0) {
		fd = open(url + 7, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		return fd < 0 ? err_sys(err, "open %s", url + 7) : take_fd(&fd);
	}
	fd = open(beside, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "make a file in %s", beside);
	return download(url, fd, err) < 0 ? -1 : take_fd(&fd);
}

static int check_member(struct archive_entry *e, int count, la_int64_t *total,
			struct err *err)
{
	const char *path = archive_entry_pathname(e);
	mode_t type = archive_entry_filetype(e);

	if (archive_entry_hardlink(e) ||
	    (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK))
		return err_set(err, ERR_REFUSED,
			       "%.200s in the archive is no file, directory or symlink",
			       path ? path : "a member");
	*total += archive_entry_size(e);
	if (count > MEMBERS_MAX || *total > UNPACK_MAX)
		return err_set(err, ERR_REFUSED,
			       "the archive has more than %d files or %ld MiB",
			       MEMBERS_MAX, UNPACK_MAX / (1024 * 1024));
	archive_entry_set_perm(e, archive_entry_perm(e) & 0755);
	return 0;
}

static int copy_member(struct archive *from, struct archive *to, struct archive_entry *e,
		       struct err *err)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int rc = archive_write_header(to, e);

	if (rc < ARCHIVE_WARN)
		return err_set(err, ERR_REFUSED, "%.200s: %s", archive_entry_pathname(e),
			       archive_error_string(to));
	while ((rc = archive_read_data_block(from, &block, &size, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(to, block, size, offset) < ARCHIVE_WARN)
			return err_set(err, ERR_HOST, "%.200s: %s",
				       archive_entry_pathname(e),
				       archive_error_string(to));
	if (rc != ARCHIVE_EOF)
		return err_set(err, ERR_REFUSED, "%.200s: %s", archive_entry_pathname(e),
			       archive_error_string(from));
	return 0;
}

/* Below the working directory: names that lead out of it are refused by libarchive. */
static int unpack_here(int fd, struct err *err)
{
	AUTO(reader_free_at) struct archive *from = archive_read_new();
	AUTO(writer_free_at) struct archive *to = archive_write_disk_new();
	struct archive_entry *e;
	la_int64_t total = 0;
	int count = 0;
	int rc;

	(void)archive_read_support_format_tar(from);
	(void)archive_read_support_filter_gzip(from);
	(void)archive_write_disk_set_options(
		to, ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
			    ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
	rc = archive_read_open_fd(from, fd, 65536);
	while (rc == ARCHIVE_OK &&
	       (rc = archive_read_next_header(from, &e)) == ARCHIVE_OK)
		if (check_member(e, ++count, &total, err) < 0 ||
		    copy_member(from, to, e, err) < 0)
			return -1;
	if (rc != ARCHIVE_EOF)
		return err_set(err, ERR_REFUSED, "this is no tar archive: %s",
			       archive_error_string(from));
	return 0;
}

/* Archives of a git host hold one directory with all the rest: the name of that, or NULL. */
static char *only_directory(const char *dir)
{
	AUTO(closedir_at) DIR *d = opendir(dir);
	AUTO_FREE char *only = NULL;
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (only)
			return NULL;
		only = paths_in(dir, "%s", e->d_name);
	}
	return only && fs_is_dir(only) ? take_str(&only) : NULL;
}

int fetch_archive(const char *url, const char *dir, struct err *err)
{
	AUTO_FREE char *unpacked = paths_in(dir, "unpacked");
	AUTO_FREE char *tree = paths_in(dir, "tree");
	AUTO_FREE char *only = NULL;
	AUTO_CLOSE int was = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = -1;
	int rc;

	if (fs_mkdirs(unpacked, 0700, err) < 0)
		return -1;
	fd = open_archive(url, unpacked, err);
	if (fd < 0)
		return -1;
	if (chdir(unpacked) < 0)
		return err_sys(err, "enter %s", unpacked);
	rc = unpack_here(fd, err);
	if (was < 0 || fchdir(was) < 0)
		return err_sys(err, "come back from %s", unpacked);
	if (rc < 0)
		return err_context(err, "%s", url);
	only = only_directory(unpacked);
	if (rename(only ? only : unpacked, tree) < 0)
		return err_sys(err, "rename %s", unpacked);
	return 0;
}
