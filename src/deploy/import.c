/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/blob.h"
#include "deploy/export.h"
#include "deploy/finish.h"
#include "deploy/health.h"
#include "deploy/passwd.h"
#include "deploy/release.h"
#include "runtime/container.h"
#include "runtime/helper.h"
#include "store/config.h"
#include "store/formation.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/jsonc.h"

/* Where the code of a release came from, when it was an image with a name. */
#define IMAGE_SOURCE "docker-image"

/* One import: what the archive holds, and what was made of it here. */
struct job {
	struct store *st;
	struct out *out;
	struct spool spool;
	const char *name; /* of the image, where somebody has named it, or NULL */
	bool again;       /* though it is what serves */
	struct oci_manifest manifest;
	char digest[OCI_DIGEST]; /* of the manifest, or with `docker save` the
				  * configuration: the image's name for itself */
	struct oci_image image;
	struct strv made; /* layers that were not there before */
	char *site;
};

static void job_release(struct job *j)
{
	spool_release(&j->spool);
	oci_image_release(&j->image);
	strv_release(&j->made);
	free(j->site);
}

/* --- what is in the archive --------------------------------------------------------------- */

static int read_document(struct job *j, const struct oci_blob *blob, struct buf *text,
			 struct err *err)
{
	int fd = spool_find(&j->spool, blob, err);

	if (fd < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "read the archive");
	return fs_read_fd(fd, OCI_JSON_MAX, text, err);
}

static int read_oci(struct job *j, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct oci_blob named;

	if (oci_read_index(j->spool.index.data, j->spool.index.len, &named, err) < 0 ||
	    read_document(j, &named, &text, err) < 0)
		return -1;
	memcpy(j->digest, named.digest, sizeof j->digest);
	return oci_read_manifest(text.data, text.len, &j->manifest, err);
}

/* Newer ones of `docker save` hold an OCI layout too; this one tells the images by name. */
static int read_docker(struct job *j, struct err *err)
{
	AUTO(oci_docker_release) struct oci_docker d = OCI_DOCKER_INIT;
	struct oci_manifest *m = &j->manifest;

	if (oci_read_docker(j->spool.docker.data, j->spool.docker.len, j->name, &d, err) <
		    0 ||
	    spool_named(&j->spool, d.config, &m->config, err) < 0)
		return -1;
	for (; m->count < d.layers.len; m->count++)
		if (spool_named(&j->spool, d.layers.v[m->count], &m->layers[m->count],
				err) < 0)
			return -1;
	memcpy(j->digest, m->config.digest, sizeof j->digest);
	return 0;
}

/* The healthchecks and CHECKS of the image are looked at as those of a push are. */
static int read_image(struct job *j, struct err *err)
{
	AUTO(buf_release) struct buf config = BUF_INIT;

	if ((j->spool.docker.len ? read_docker(j, err) : read_oci(j, err)) < 0 ||
	    read_document(j, &j->manifest.config, &config, err) < 0 ||
	    oci_read_config(config.data, config.len, j->manifest.count, &j->image, err) <
		    0)
		return -1;
	return healths_check_image(&j->image.image, NULL, err);
}

/* Every layer is there, and holds what the configuration says. */
static int check_layers(struct job *j, struct err *err)
{
	for (size_t i = 0; i < j->manifest.count; i++) {
		int fd = spool_find(&j->spool, &j->manifest.layers[i], err);

		if (fd < 0 || blob_check_contents(fd, j->image.diff_ids.v[i], err) < 0)
			return -1;
	}
	return 0;
}

/* A user by name is one of the image's own passwd file. */
static int find_user(struct job *j, struct err *err)
{
	for (size_t i = j->manifest.count; j->image.user && i > 0; i--) {
		int fd = spool_find(&j->spool, &j->manifest.layers[i - 1], err);
		int rc = fd < 0 ? -1
				: passwd_find(fd, j->image.user, &j->image.image.uid,
					      err);

		if (rc <= 0)
			return rc;
	}
	return j->image.user ? err_set(err, ERR_REFUSED,
				       "the image's user %s is not in its /etc/passwd",
				       j->image.user)
			     : 0;
}

/* --- making it ours --------------------------------------------------------------------- */

/* By its contents: the same layer of another image is the same layer here. */
static char *layer_name(const char *diff_id)
{
	return xasprintf("oci-%.40s", diff_id + strlen("sha256:"));
}

static int list_layers(struct strv *names, struct err *err)
{
	AUTO(json_at) json_t *reply = NULL;
	json_t *one;
	size_t i;

	if (helper_one("layer-list", NULL, &reply, err) < 0)
		return -1;
	json_array_foreach(json_object_get(reply, "layers"), i, one)
		strv_add(names, json_string_value(json_object_get(one, "name")));
	return 0;
}

/* `fields` say what becomes of the stream; its "fd" is added here. */
static int unpack(const char *verb, json_t *fields, int from, struct err *err)
{
	AUTO(blob_child_release) struct blob_child child = BLOB_CHILD_INIT;
	AUTO(helper_release) struct helper h = HELPER_INIT;
	struct err expanding;

	if (blob_expand_start(&child, from, err) < 0) {
		json_decref(fields);
		return -1;
	}
	(void)json_object_set_new(fields, "fd",
				  json_integer(helper_pass(&h, child.pipe)));
	helper_add(&h, verb, fields);
	if (helper_run(&h, NULL, err) < 0)
		return -1;
	if (blob_expand_finish(&child, &expanding) == 0)
		return 0;
	*err = expanding;
	return -1;
}

static int unpack_site(struct job *j, struct work *w, struct err *err)
{
	char *tree = xasprintf("site-%s", w->row.public_id);
	int fd = spool_find(&j->spool, &j->manifest.layers[0], err);

	j->image.image.static_tree = tree;
	if (fd < 0 ||
	    unpack("static", json_pack("{s:s, s:s}", "app", w->app.name, "release", tree),
		   fd, err) < 0)
		return -1;
	j->site = xstrdup(tree);
	return 0;
}

static int unpack_layer(struct job *j, struct work *w, size_t at, const char *name,
			struct err *err)
{
	int fd = spool_find(&j->spool, &j->manifest.layers[at], err);

	if (fd < 0)
		return -1;
	out_step(j->out, "Unpacking layer %zu of %zu", at + 1, j->manifest.count);
	if (unpack("unpack",
		   json_pack("{s:s, s:s, s:i, s:b}", "app", w->app.name, "layer", name,
			     "uid", -1, "deletions", 1),
		   fd, err) < 0)
		return -1;
	strv_add(&j->made, name);
	return 0;
}

static int unpack_all(struct job *j, struct work *w, struct err *err)
{
	AUTO(strv_release) struct strv there = STRV_INIT;

	if (work_step(w, "build", err) < 0)
		return -1;
	if (j->image.is_site)
		return unpack_site(j, w, err);
	if (list_layers(&there, err) < 0)
		return -1;
	for (size_t i = 0; i < j->manifest.count; i++) {
		AUTO_FREE char *name = layer_name(j->image.diff_ids.v[i]);

		if (strv_find(&there, name) < 0 && strv_find(&j->made, name) < 0 &&
		    unpack_layer(j, w, i, name, err) < 0)
			return -1;
		/* Two equal ones have nothing to say to each other. */
		if (strv_find(&j->image.image.layers, name) < 0)
			strv_insert(&j->image.image.layers, 0, name);
	}
	return 0;
}

/* A failed import leaves what was there before. */
static void remove_made(struct job *j, const struct app *app)
{
	struct err ignored;

	strv_foreach(layer, &j->made)
		(void)helper_one("layer-remove", json_pack("{s:s}", "layer", layer), NULL,
				 &ignored);
	if (j->site)
		(void)helper_one(
			"static-remove",
			json_pack("{s:s, s:s}", "app", app->name, "release", j->site),
			NULL, &ignored);
}

/* The app's variables with those of the archive, which win: they were asked for. */
static int snapshot(struct job *j, const struct app *app, json_t **config,
		    struct err *err)
{
	if (!j->image.config)
		return 0;
	if (config_merged(j->st, app->id, config, err) < 0)
		return -1;
	(void)json_object_update(*config, j->image.config);
	return config_check_total(*config, err);
}

static char *reason_of(const struct job *j)
{
	if (j->name)
		return xasprintf("image %s", j->name);
	return xasprintf("imported %s", *j->image.title ? j->image.title : j->digest);
}

static char *revision_of(const struct job *j)
{
	return *j->image.revision && !j->name ? xstrdup(j->image.revision)
					      : xstrndup(j->digest + 7, 40);
}

static const char *source_of(const struct job *j)
{
	return j->name ? IMAGE_SOURCE : "import";
}

static int release(struct job *j, struct work *w, struct err *err)
{
	AUTO(json_at) json_t *config = NULL;
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *reason = reason_of(j);
	AUTO_FREE char *revision = revision_of(j);
	int rc = release_live(w->st, w->app.id, &live, err);

	if (rc < 0 || snapshot(j, &w->app, &config, err) < 0)
		return -1;

	struct release_want want = { .w = w,
				     .image = &j->image.image,
				     .source = source_of(j),
				     .reason = reason,
				     .revision = revision,
				     .run_commands = true,
				     .config = config,
				     .adopt_config = config != NULL };

	/* An app that never ran takes the formation of the one that was exported. */
	if (rc == STORE_NO_ROW && j->image.formation) {
		want.formation = j->image.formation;
		want.adopt_formation = true;
	}
	if (release_make(&want, err) < 0)
		return -1;
	finish_push(w, want.source, j->name ? j->name : revision);
	return 0;
}

/* Where the web process listens, when that is not where it is told to. */
static int set_port(struct work *w, long port, struct err *err)
{
	AUTO_FREE char *map = xasprintf("http:80:%ld", port);
	bool told = port == 0 || port == CONTAINER_WEB_PORT;

	return trigger(w->st, w->out, err, TRIGGER_PORTS_SET_DETECTED, w->app.name,
		       told ? NULL : map, NULL) < 0
		       ? -1
		       : 0;
}

static void port_as_before(struct work *w)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	struct err ignored;

	if (release_live(w->st, w->app.id, &live, &ignored) >= 0)
		(void)set_port(w, live.image.port, &ignored);
}

static int import(struct job *j, const struct app *app, struct err *err)
{
	struct work w = { .st = j->st, .out = j->out, .app = *app };
	int rc;

	if (work_start(&w, "build", plugin_deploy_source(source_of(j)), "", err) < 0)
		return -1;
	rc = unpack_all(j, &w, err);
	if (rc == 0)
		rc = set_port(&w, j->image.image.port, err);
	if (rc == 0)
		rc = release(j, &w, err);
	if (rc < 0 && !w.switched) {
		port_as_before(&w);
		remove_made(j, app);
	}
	work_end(&w, rc, err);
	return rc;
}

/* An image that somebody names is not deployed twice, unless he says so. */
static int check_is_new(struct job *j, const struct app *app, struct err *err)
{
	AUTO(release_release) struct release live = RELEASE_INIT;
	AUTO_FREE char *revision = revision_of(j);
	int rc = release_live(j->st, app->id, &live, err);

	if (rc != 0 || !j->name || j->again || strcmp(live.source, IMAGE_SOURCE) != 0 ||
	    strcmp(live.revision, revision) != 0)
		return rc < 0 ? -1 : 0;
	(void)err_set(err, ERR_REFUSED, "No changes detected: %s serves this image",
		      app->name);
	return err_hint(err,
			"davit ps:restart %s starts it anew; --force deploys it again",
			app->name);
}

int import_on_import(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	AUTO(job_release)
	struct job j = { .st = call->st,
			 .out = call->to,
			 .spool = SPOOL_INIT,
			 .image = OCI_IMAGE_INIT,
			 .made = STRV_INIT };
	struct app app;
	long fd;

	(void)self;
	j.name = call->argv[0] && call->argv[1] ? call->argv[2] : NULL;
	j.again = j.name && call->argv[3];
	if (!call->argv[0] || !call->argv[1] ||
	    !name_to_int(call->argv[1], 0, 1 << 20, &fd))
		return err_set(err, ERR_USAGE, "davit-import: %s",
			       trigger_words(call->id));
	if (app_need(call->st, call->argv[0], &app, err) < 0)
		return -1;
	out_step(call->to, "Reading the archive");
	if (spool_read(&j.spool, (int)fd, err) < 0 || read_image(&j, err) < 0 ||
	    check_layers(&j, err) < 0 || find_user(&j, err) < 0 ||
	    check_is_new(&j, &app, err) < 0)
		return err_context(err, "nothing of %s has changed", app.name);
	if (image_is_foreign(&j.image.image) && !j.image.image.uid)
		out_note(call->to, "the image would run as root: here it runs as user %d",
			 APP_UID);
	return import(&j, &app, err);
}
