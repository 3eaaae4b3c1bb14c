/* SPDX-License-Identifier: MIT */
/* certs:add APP < FILE.tar: one certificate and one key. */
#include <archive.h>
#include <archive_entry.h>
#include <openssl/crypto.h>
#include <string.h>

#include "plugins/certs/certs.h"
#include "util/cleanup.h"

enum { MEMBERS_MAX = 100 };

static void archive_free_at(struct archive **a)
{
	(void)archive_read_free(*a);
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name);
	size_t m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

/* Where a member's bytes go, or NULL: file names of macOS' own archiver begin with "._". */
static struct buf *place(struct pair *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (strncmp(name, "._", 2) == 0)
		return NULL;
	if (ends_with(name, ".crt"))
		return &p->crt;
	return ends_with(name, ".key") ? &p->key : NULL;
}

static int read_member(struct archive *a, const char *path, struct buf *to,
		       struct err *err)
{
	char chunk[8192];
	la_ssize_t n;

	if (to->len)
		return err_set(err, ERR_USAGE,
			       "the tar file has more than one %s file (%.100s)",
			       ends_with(path, ".key") ? "*.key" : "*.crt", path);
	while ((n = archive_read_data(a, chunk, sizeof chunk)) > 0) {
		buf_add(to, chunk, (size_t)n);
		if (to->len > CERTS_FILE_MAX)
			return err_set(err, ERR_USAGE, "%.100s is too large", path);
	}
	OPENSSL_cleanse(chunk, sizeof chunk);
	return n < 0 ? err_set(err, ERR_USAGE, "%.100s: %s", path,
			       archive_error_string(a))
		     : 0;
}

static int read_members(struct archive *a, struct pair *p, struct err *err)
{
	struct archive_entry *e;

	for (int i = 0; i < MEMBERS_MAX && archive_read_next_header(a, &e) == ARCHIVE_OK;
	     i++) {
		struct buf *to = archive_entry_filetype(e) == AE_IFREG
					 ? place(p, archive_entry_pathname(e))
					 : NULL;

		if (to && read_member(a, archive_entry_pathname(e), to, err) < 0)
			return -1;
	}
	return 0;
}

int pair_from_tar(int fd, struct pair *p, struct err *err)
{
	AUTO(archive_free_at) struct archive *a = archive_read_new();

	(void)archive_read_support_format_tar(a);
	(void)archive_read_support_filter_gzip(a);
	if (archive_read_open_fd(a, fd, 10240) == ARCHIVE_OK &&
	    read_members(a, p, err) < 0)
		return -1;
	if (p->crt.len && p->key.len)
		return 0;
	(void)err_set(err, ERR_USAGE,
		      "Tar archive must contain exactly one .crt and one .key file");
	return err_hint(err, "tar cf - server.crt server.key | davit certs:add APP");
}
