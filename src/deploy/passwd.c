/* SPDX-License-Identifier: MIT */
#include "deploy/passwd.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/name.h"
#include "util/strv.h"

enum { PASSWD_BYTES_MAX = 1 << 20, STEP = 64 << 10 };

static void reader_free_at(struct archive **a)
{
	if (*a)
		(void)archive_read_free(*a);
}

int passwd_look(const char *text, size_t len, const char *user, long *uid)
{
	AUTO_FREE char *copy = xstrndup(text, len);
	AUTO(strv_release) struct strv lines = STRV_INIT;
	size_t n = strlen(user);

	strv_split(&lines, copy, "\n");
	strv_foreach(line, &lines) {
		const char *at = line + n;

		if (strncmp(line, user, n) != 0 || *at != ':')
			continue;
		at = strchr(at + 1, ':');
		if (!at)
			continue;
		AUTO_FREE char *number = xstrndup(at + 1, strcspn(at + 1, ":"));

		if (name_to_int(number, 0, 65535, uid))
			return 0;
	}
	return PASSWD_ABSENT;
}

static bool is_passwd(const char *name)
{
	if (name && strncmp(name, "./", 2) == 0)
		name += 2;
	return name && strcmp(name, "etc/passwd") == 0;
}

static int read_text(struct archive *a, struct buf *text)
{
	char step[4096];
	la_ssize_t n;

	buf_reset(text);
	while ((n = archive_read_data(a, step, sizeof step)) > 0 &&
	       text->len < PASSWD_BYTES_MAX)
		buf_add(text, step, (size_t)n);
	return n < 0 ? -1 : 0;
}

int passwd_find(int layer, const char *user, long *uid, struct err *err)
{
	AUTO(reader_free_at) struct archive *a = archive_read_new();
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct archive_entry *e;
	int rc;

	if (lseek(layer, 0, SEEK_SET) < 0)
		return err_sys(err, "read a layer");
	if (archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(a) < ARCHIVE_WARN ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_open_fd(a, layer, STEP) != ARCHIVE_OK)
		return err_set(err, ERR_REFUSED, "a layer of the archive: %s",
			       archive_error_string(a));
	while ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK)
		if (is_passwd(archive_entry_pathname(e)) && read_text(a, &text) < 0)
			break;
	if (rc != ARCHIVE_EOF)
		return err_set(err, ERR_REFUSED, "a layer of the archive: %s",
			       archive_error_string(a));
	return passwd_look(text.data, text.len, user, uid);
}
