/* SPDX-License-Identifier: MIT */
#include "deploy/export.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/blob.h"
#include "deploy/digest.h"
#include "runtime/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"
#include "util/paths.h"
#include "util/treetar.h"

enum { STEP = 256 << 10 };

/* One export: the layers, the lowest first, and where each one waits. */
struct job {
	struct out *out;
	struct oci_release what;
	struct oci_layer layers[OCI_LAYERS_MAX];
	int fds[OCI_LAYERS_MAX];
	size_t count;
};

static void job_release(struct job *j)
{
	for (size_t i = 0; i < j->count; i++)
		close_now(&j->fds[i]);
}

static void writer_free_at(struct archive **a)
{
	if (*a)
		(void)archive_write_free(*a);
}

static void entry_free_at(struct archive_entry **e)
{
	archive_entry_free(*e);
}

/* --- layers --------------------------------------------------------------------------- */

static int pack(const char *layer, int to, struct oci_layer *out, struct err *err)
{
	AUTO(blob_child_release) struct blob_child child = BLOB_CHILD_INIT;
	AUTO(helper_release) struct helper h = HELPER_INIT;
	struct err packing = { .kind = ERR_NONE };
	int rc;

	if (blob_squeeze_start(&child, to, err) < 0)
		return -1;
	helper_add(&h, "pack",
		   json_pack("{s:s, s:i}", "layer", layer, "fd",
			     helper_pass(&h, child.pipe)));
	rc = helper_run(&h, NULL, &packing);
	/* When the child could not go on, it knows why; the other saw a broken pipe. */
	if (blob_squeeze_finish(&child, out, err) < 0)
		return -1;
	if (rc < 0)
		*err = packing;
	return rc;
}

static int pack_site(const char *app, const char *tree, int to, struct oci_layer *out,
		     struct err *err)
{
	AUTO(treetar_release) struct treetar t = TREETAR_INIT;
	AUTO_FREE char *dir = paths_in(paths_root(), "static/%s/%s", app, tree);

	if (treetar_start(&t, dir, err) < 0 || blob_squeeze(t.fd, to, out, err) < 0)
		return -1;
	return treetar_finish(&t, err);
}

static int add_layer(struct job *j, const char *layer, const char *site, struct err *err)
{
	int *fd = &j->fds[j->count];

	if (j->count == OCI_LAYERS_MAX)
		return err_set(err, ERR_REFUSED, "the release has too many layers");
	if (blob_file(fd, err) < 0)
		return -1;
	j->count++;
	out_step(j->out, "Packing %s", layer ? layer : site);
	return layer ? pack(layer, *fd, &j->layers[j->count - 1], err)
		     : pack_site(j->what.app, site, *fd, &j->layers[j->count - 1], err);
}

static int add_layers(struct job *j, struct err *err)
{
	const struct image *im = &j->what.release->image;

	if (im->static_tree)
		return add_layer(j, NULL, im->static_tree, err);
	for (size_t i = im->layers.len; i > 0; i--)
		if (add_layer(j, im->layers.v[i - 1], NULL, err) < 0)
			return -1;
	return 0;
}

/* --- the archive ------------------------------------------------------------------------ */

static la_ssize_t take_bytes(struct archive *a, void *ctx, const void *data, size_t len)
{
	if (fs_write_all(*(int *)ctx, data, len) == 0)
		return (la_ssize_t)len;
	archive_set_error(a, errno, "%s", strerror(errno));
	return -1;
}

static int failed(struct archive *a, struct err *err)
{
	return err_set(err, ERR_HOST, "write the archive: %s", archive_error_string(a));
}

static int put_header(struct archive *a, const char *name, int64_t size, int64_t mtime,
		      struct err *err)
{
	AUTO(entry_free_at) struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, size);
	archive_entry_set_mtime(e, mtime, 0);
	return archive_write_header(a, e) == ARCHIVE_OK ? 0 : failed(a, err);
}

static int put_text(struct archive *a, const char *name, const char *text, int64_t mtime,
		    struct err *err)
{
	size_t len = strlen(text);

	if (put_header(a, name, (int64_t)len, mtime, err) < 0)
		return -1;
	return archive_write_data(a, text, len) == (la_ssize_t)len ? 0 : failed(a, err);
}

static char *blob_name(const struct oci_blob *b)
{
	return xasprintf("blobs/sha256/%s", b->digest + strlen("sha256:"));
}

static int put_layer(struct archive *a, const struct oci_layer *layer, int fd,
		     int64_t mtime, struct err *err)
{
	AUTO(buf_release) struct buf step = BUF_INIT;
	AUTO_FREE char *name = blob_name(&layer->blob);
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "read a layer");
	if (put_header(a, name, layer->blob.size, mtime, err) < 0)
		return -1;
	while ((n = buf_read(&step, fd, STEP)) > 0) {
		if (archive_write_data(a, step.data, step.len) != (la_ssize_t)step.len)
			return failed(a, err);
		buf_reset(&step);
	}
	return n < 0 ? err_sys(err, "read a layer") : 0;
}

/* The same layer twice is one blob. */
static bool is_repeated(const struct job *j, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(j->layers[i].blob.digest, j->layers[at].blob.digest) == 0)
			return true;
	return false;
}

static int put_all(struct job *j, struct archive *a, struct err *err)
{
	AUTO_FREE char *config = oci_write_config(&j->what);
	struct oci_blob config_blob = { .size = (int64_t)strlen(config) };
	struct oci_blob manifest_blob;
	int64_t when = j->what.release->created_at;

	digest_of(config, strlen(config), config_blob.digest);
	AUTO_FREE char *manifest = oci_write_manifest(&j->what, &config_blob);
	manifest_blob.size = (int64_t)strlen(manifest);
	digest_of(manifest, strlen(manifest), manifest_blob.digest);
	AUTO_FREE char *index = oci_write_index(&j->what, &manifest_blob);
	AUTO_FREE char *config_name = blob_name(&config_blob);
	AUTO_FREE char *manifest_name = blob_name(&manifest_blob);

	if (put_text(a, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", when, err) <
		    0 ||
	    put_text(a, "index.json", index, when, err) < 0 ||
	    put_text(a, manifest_name, manifest, when, err) < 0 ||
	    put_text(a, config_name, config, when, err) < 0)
		return -1;
	for (size_t i = 0; i < j->count; i++)
		if (!is_repeated(j, i) &&
		    put_layer(a, &j->layers[i], j->fds[i], when, err) < 0)
			return -1;
	return archive_write_close(a) == ARCHIVE_OK ? 0 : failed(a, err);
}

static int write_archive(struct job *j, int to, struct err *err)
{
	AUTO(writer_free_at) struct archive *a = archive_write_new();

	j->what.layers = j->layers;
	j->what.count = j->count;
	if (archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(a, STEP) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, &to, NULL, take_bytes, NULL) != ARCHIVE_OK)
		return failed(a, err);
	return put_all(j, a, err);
}

int export_on_export(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(release_release) struct release r = RELEASE_INIT;
	AUTO(job_release)
	struct job j = { .out = call->to,
			 .what = { .app = call->argv[0], .release = &r } };
	struct app app;
	long number;
	long fd;
	int rc;

	(void)self;
	if (!call->argv[0] || !call->argv[1] || !call->argv[2] || !call->argv[3] ||
	    !name_to_int(call->argv[1], 1, 1L << 40, &number) ||
	    !name_to_int(call->argv[2], 0, 1 << 20, &fd))
		return err_set(err, ERR_USAGE, "davit-export: APP NUMBER FD code|config");
	rc = app_find(call->st, call->argv[0], &app, err);
	if (rc == 0)
		rc = release_find(call->st, app.id, number, &r, err);
	if (rc != 0)
		return rc < 0 ? -1
			      : err_set(err, ERR_REFUSED, "%s has no release v%ld",
					call->argv[0], number);
	if (strcmp(r.state, "failed") == 0 && !r.image.layers.len && !r.image.static_tree)
		return err_set(err, ERR_REFUSED, "v%ld failed, and its layers are gone",
			       number);
	j.what.with_config = strcmp(call->argv[3], "config") == 0;
	return add_layers(&j, err) < 0 ? -1 : write_archive(&j, (int)fd, err);
}
