/* SPDX-License-Identifier: MIT */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deploy/blob.h"
#include "deploy/digest.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"

#define BLOBS "blobs/sha256/"

/* Bounds of a whole archive. */
enum { MEMBERS_MAX = 1000, BLOBS_MAX = 2 * OCI_LAYERS_MAX, STEP = 256 << 10 };
#define TOTAL_MAX OCI_BLOB_MAX

static void reader_free_at(struct archive **a)
{
	if (*a)
		(void)archive_read_free(*a);
}

void spool_release(struct spool *s)
{
	for (size_t i = 0; i < s->len; i++) {
		close_now(&s->v[i].fd);
		free(s->v[i].name);
	}
	free(s->v);
	buf_release(&s->index);
	buf_release(&s->docker);
	strv_release(&s->links);
	*s = (struct spool)SPOOL_INIT;
}

static int wrong(struct archive *a, struct err *err)
{
	const char *why = archive_error_string(a);

	(void)err_set(err, ERR_REFUSED, "this is no archive of an image: %s",
		      why ? why : "unreadable");
	return err_hint(err, "davit releases:export APP v1 FILE makes one; so does "
			     "docker save IMAGE, or skopeo copy … oci-archive:FILE");
}

static int too_much(struct err *err)
{
	return err_set(err, ERR_REFUSED, "the archive holds too much");
}

static const struct spool_blob *find(const struct spool *s, const char *digest)
{
	for (size_t i = 0; i < s->len; i++)
		if (strcmp(s->v[i].blob.digest, digest) == 0)
			return &s->v[i];
	return NULL;
}

/* The member's bytes into a file, and what they are. */
static int copy(struct archive *a, int to, struct oci_blob *is, int64_t *total,
		struct err *err)
{
	AUTO_FREE char *step = xmalloc(STEP);
	struct digest d;
	la_ssize_t n;
	int rc = 0;

	digest_start(&d);
	while (rc == 0 && (n = archive_read_data(a, step, STEP)) != 0) {
		if (n < 0) {
			rc = wrong(a, err);
			break;
		}
		is->size += n;
		*total += n;
		if (*total > TOTAL_MAX)
			rc = too_much(err);
		else if (fs_write_all(to, step, (size_t)n) < 0)
			rc = err_sys(err, "keep the archive");
		digest_add(&d, step, (size_t)n);
	}
	digest_end(&d, is->digest);
	return rc;
}

/* Keep the member; `digest`: what it has to be, or NULL. */
static int keep(struct spool *s, struct archive *a, const char *digest, const char *name,
		int64_t *total, struct err *err)
{
	struct oci_blob is = { .size = 0 };
	AUTO_CLOSE int fd = -1;

	if (s->len == BLOBS_MAX)
		return too_much(err);
	if (blob_file(&fd, err) < 0 || copy(a, fd, &is, total, err) < 0)
		return -1;
	if (digest && strcmp(is.digest, digest) != 0)
		return err_set(err, ERR_REFUSED,
			       "the archive is damaged: %.19s… holds other bytes",
			       digest);
	s->v = xrealloc(s->v, s->len + 1, sizeof *s->v);
	s->v[s->len++] = (struct spool_blob){ .blob = is,
					      .fd = take_fd(&fd),
					      .name = name ? xstrdup(name) : NULL };
	return 0;
}

static int take_blob(struct spool *s, struct archive *a, const char *hex, int64_t *total,
		     struct err *err)
{
	AUTO_FREE char *digest = xasprintf("sha256:%s", hex);

	if (!oci_is_digest(digest))
		return err_set(err, ERR_REFUSED,
			       "a blob of the archive has an odd name: "
			       "%.100s",
			       hex);
	return find(s, digest) ? 0 : keep(s, a, digest, NULL, total, err);
}

/* "ID.json", "ID.tar", "ID/layer.tar": what manifest.json of `docker save` can name. */
static bool is_docker_part(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && n < 256 &&
	       (strcmp(name + n - 4, ".tar") == 0 || strcmp(name + n - 5, ".json") == 0);
}

/* A layer that is there twice is a link to the other: "ID/layer.tar -> ../OTHER". */
static int take_link(struct spool *s, const char *name, const char *of, struct err *err)
{
	if (!of || !is_docker_part(name))
		return 0;
	if (s->links.len >= 2 * (size_t)BLOBS_MAX)
		return too_much(err);
	strv_add(&s->links, name);
	strv_add(&s->links, strncmp(of, "../", 3) == 0 ? of + 3 : of);
	return 0;
}

/* A small document. */
static int take_text(struct archive *a, struct buf *text, struct err *err)
{
	char step[4096];
	la_ssize_t n;

	buf_reset(text);
	while ((n = archive_read_data(a, step, sizeof step)) > 0) {
		buf_add(text, step, (size_t)n);
		if (text->len > OCI_JSON_MAX)
			return too_much(err);
	}
	return n < 0 ? wrong(a, err) : 0;
}

static int take_layout(struct spool *s, struct archive *a, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(json_at) json_t *j = NULL;
	const char *version;

	if (take_text(a, &text, err) < 0)
		return -1;
	j = json_loadb(text.data, text.len, 0, NULL);
	version = json_string_value(json_object_get(j, "imageLayoutVersion"));
	s->is_layout = version && strncmp(version, "1.", 2) == 0;
	return 0;
}

/* Other members are what other tools add beside an image: left where they are. */
static int take_member(struct spool *s, struct archive *a, struct archive_entry *e,
		       int64_t *total, struct err *err)
{
	const char *name = archive_entry_pathname(e);

	if (!name)
		return err_set(err, ERR_REFUSED, "a member of the archive has no name");
	if (strncmp(name, "./", 2) == 0)
		name += 2;
	if (archive_entry_hardlink(e))
		return take_link(s, name, archive_entry_hardlink(e), err);
	if (archive_entry_filetype(e) == AE_IFLNK)
		return take_link(s, name, archive_entry_symlink(e), err);
	if (archive_entry_filetype(e) != AE_IFREG)
		return 0;
	if (strcmp(name, "oci-layout") == 0)
		return take_layout(s, a, err);
	if (strcmp(name, "index.json") == 0)
		return take_text(a, &s->index, err);
	if (strcmp(name, "manifest.json") == 0)
		return take_text(a, &s->docker, err);
	if (strncmp(name, BLOBS, strlen(BLOBS)) == 0)
		return take_blob(s, a, name + strlen(BLOBS), total, err);
	return is_docker_part(name) ? keep(s, a, NULL, name, total, err) : 0;
}

int spool_read(struct spool *s, int fd, struct err *err)
{
	AUTO(reader_free_at) struct archive *a = archive_read_new();
	struct archive_entry *e;
	int64_t total = 0;
	int count = 0;
	int rc;

	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_open_fd(a, fd, STEP) != ARCHIVE_OK)
		return wrong(a, err);
	while ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK) {
		if (++count > MEMBERS_MAX)
			return too_much(err);
		if (take_member(s, a, e, &total, err) < 0)
			return -1;
	}
	if (rc != ARCHIVE_EOF)
		return wrong(a, err);
	if (s->docker.len || (s->is_layout && s->index.len))
		return 0;
	return err_set(err, ERR_REFUSED, "this is no archive of an image: it has no %s",
		       s->is_layout ? "index.json" : "oci-layout and no manifest.json");
}

static const char *target_of(const struct spool *s, const char *name)
{
	for (size_t i = 0; i + 1 < s->links.len; i += 2)
		if (strcmp(s->links.v[i], name) == 0)
			return s->links.v[i + 1];
	return name;
}

static const struct spool_blob *find_named(const struct spool *s, const char *name)
{
	if (strncmp(name, BLOBS, strlen(BLOBS)) == 0) {
		AUTO_FREE char *digest = xasprintf("sha256:%s", name + strlen(BLOBS));

		return find(s, digest);
	}
	for (size_t i = 0; i < s->len; i++)
		if (s->v[i].name && strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

int spool_named(const struct spool *s, const char *name, struct oci_blob *is,
		struct err *err)
{
	const struct spool_blob *b = find_named(s, target_of(s, name));

	if (!b)
		return err_set(err, ERR_REFUSED, "the archive lacks its %.100s", name);
	*is = b->blob;
	return 0;
}

int spool_find(const struct spool *s, const struct oci_blob *want, struct err *err)
{
	const struct spool_blob *b = find(s, want->digest);

	if (b && b->blob.size == want->size)
		return b->fd;
	return err_set(err, ERR_REFUSED, "the archive lacks %.19s…%s", want->digest,
		       b ? " of the size that it names" : "");
}
