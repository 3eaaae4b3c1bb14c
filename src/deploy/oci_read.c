/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "deploy/oci.h"
#include "store/config.h"
#include "store/formation.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/name.h"
#include "util/words.h"

enum { COMMAND_MAX = 65536, LABEL_TEXT_MAX = 200 };

static const struct {
	const char *type;
	enum oci_kind kind;
} media[] = {
	{ "application/vnd.oci.image.manifest.v1+json", OCI_MANIFEST },
	{ "application/vnd.docker.distribution.manifest.v2+json", OCI_MANIFEST },
	{ "application/vnd.oci.image.config.v1+json", OCI_CONFIG },
	{ "application/vnd.docker.container.image.v1+json", OCI_CONFIG },
	{ "application/vnd.oci.image.layer.v1.tar", OCI_LAYER },
	{ "application/vnd.oci.image.layer.v1.tar+gzip", OCI_LAYER },
	{ "application/vnd.oci.image.layer.v1.tar+zstd", OCI_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar", OCI_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar.gzip", OCI_LAYER },
};

static int wrong(struct err *err, const char *what)
{
	(void)err_set(err, ERR_REFUSED, "the archive is no OCI image: %s", what);
	return err_hint(err, "davit releases:export APP v1 FILE makes one; so does "
			     "skopeo copy … oci-archive:FILE");
}

bool oci_is_digest(const char *s)
{
	return strncmp(s, "sha256:", 7) == 0 && strlen(s) == OCI_DIGEST - 1 &&
	       strspn(s + 7, "0123456789abcdef") == 64;
}

void oci_image_release(struct oci_image *i)
{
	image_release(&i->image);
	strv_release(&i->diff_ids);
	free(i->user);
	free(i->revision);
	free(i->title);
	json_decref(i->formation);
	json_decref(i->config);
	*i = (struct oci_image)OCI_IMAGE_INIT;
}

/* An object; jansson bounds its depth, and refuses a key that stands twice. */
static int parse(const char *text, size_t len, const char *what, json_t **out,
		 struct err *err)
{
	json_error_t e;
	json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);

	if (json_is_object(j)) {
		*out = j;
		return 0;
	}
	json_decref(j);
	(void)wrong(err, j ? "not an object" : e.text);
	return err_context(err, "%s", what);
}

static bool is_media(const json_t *type, enum oci_kind kind)
{
	const char *s = json_string_value(type);

	for (size_t i = 0; s && i < sizeof media / sizeof *media; i++)
		if (strcmp(media[i].type, s) == 0)
			return media[i].kind == kind;
	return false;
}

static int read_blob(const json_t *j, enum oci_kind kind, struct oci_blob *out,
		     struct err *err)
{
	const char *digest = json_string_value(json_object_get(j, "digest"));
	json_t *size = json_object_get(j, "size");

	if (!is_media(json_object_get(j, "mediaType"), kind)) {
		const char *type = json_string_value(json_object_get(j, "mediaType"));

		(void)err_set(err, ERR_REFUSED,
			      "the archive has a part of a kind that is not known "
			      "here: %.100s",
			      type ? type : "(none)");
		return err_hint(err,
				"one image for one platform: skopeo copy --override-os "
				"linux … oci-archive:FILE");
	}
	if (!digest || !oci_is_digest(digest))
		return wrong(err, "a digest that is not sha256");
	if (!json_is_integer(size) || json_integer_value(size) < 0 ||
	    json_integer_value(size) > OCI_BLOB_MAX)
		return wrong(err, "a size out of range");
	if (kind != OCI_LAYER && json_integer_value(size) > OCI_JSON_MAX)
		return wrong(err, "a document that is too large");
	(void)snprintf(out->digest, sizeof out->digest, "%s", digest);
	out->size = json_integer_value(size);
	return 0;
}

int oci_read_index(const char *text, size_t len, struct oci_blob *manifest,
		   struct err *err)
{
	AUTO(json_at) json_t *j = NULL;
	json_t *list;

	if (parse(text, len, "index.json", &j, err) < 0)
		return -1;
	list = json_object_get(j, "manifests");
	if (json_array_size(list) == 1)
		return read_blob(json_array_get(list, 0), OCI_MANIFEST, manifest, err);
	(void)err_set(err, ERR_REFUSED, "the archive holds %zu images, not one",
		      json_array_size(list));
	return err_hint(err, "skopeo copy oci-archive:FILE:TAG oci-archive:ONE");
}

int oci_read_manifest(const char *text, size_t len, struct oci_manifest *m,
		      struct err *err)
{
	AUTO(json_at) json_t *j = NULL;
	json_t *list;
	json_t *layer;
	size_t i;

	if (parse(text, len, "the manifest", &j, err) < 0)
		return -1;
	if (json_integer_value(json_object_get(j, "schemaVersion")) != 2)
		return wrong(err, "a manifest of another version");
	if (read_blob(json_object_get(j, "config"), OCI_CONFIG, &m->config, err) < 0)
		return -1;
	list = json_object_get(j, "layers");
	if (!json_is_array(list) || json_array_size(list) > OCI_LAYERS_MAX)
		return wrong(err, "too many layers");
	json_array_foreach(list, i, layer)
		if (read_blob(layer, OCI_LAYER, &m->layers[i], err) < 0)
			return -1;
	m->count = json_array_size(list);
	return 0;
}

/* --- the configuration -------------------------------------------------------------- */

static int read_diff_ids(const json_t *j, size_t layers, struct strv *ids,
			 struct err *err)
{
	json_t *list = json_object_get(json_object_get(j, "rootfs"), "diff_ids");
	json_t *id;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) != layers)
		return wrong(err, "its layers are not those of its configuration");
	json_array_foreach(list, i, id) {
		if (!json_is_string(id) || !oci_is_digest(json_string_value(id)))
			return wrong(err, "a digest that is not sha256");
		strv_add(ids, json_string_value(id));
	}
	return 0;
}

/* Variables: names and values as config:set takes them. */
static int check_vars(const json_t *vars, const char *what, struct err *err)
{
	const char *key;
	json_t *value;

	if (vars && !json_is_object(vars))
		return wrong(err, what);
	json_object_foreach((json_t *)vars, key, value)
		if (!json_is_string(value) ||
		    config_check(key, json_string_value(value), json_string_length(value),
				 err) < 0)
			return wrong(err, what);
	return 0;
}

static bool is_text(const json_t *j, size_t max)
{
	return json_is_string(j) && json_string_length(j) > 0 &&
	       json_string_length(j) <= max &&
	       !memchr(json_string_value(j), '\0', json_string_length(j));
}

static int check_processes(const json_t *processes, struct err *err)
{
	const char *type;
	json_t *command;

	if (!json_is_object(processes) || json_object_size(processes) > 100)
		return wrong(err, "its process types are unreadable");
	json_object_foreach((json_t *)processes, type, command)
		if (!name_is_process(type) || !is_text(command, COMMAND_MAX))
			return wrong(err, "its process types are unreadable");
	return 0;
}

static bool is_absolute(const char *path)
{
	return path[0] == '/' && strlen(path) < 4096 && !strstr(path, "//") &&
	       !strstr(path, "/../") && !strstr(path, "/./");
}

static int check_image(const struct image *im, struct err *err)
{
	if (check_processes(im->processes, err) < 0 ||
	    check_vars(im->env, "its environment is unreadable", err) < 0)
		return -1;
	if (im->uid < 0 || im->uid > 65535 || im->port < 0 || im->port > 65535 ||
	    (im->cwd && !is_absolute(im->cwd)))
		return wrong(err, "its user, port or directory is out of range");
	if (im->app_json && !json_is_object(im->app_json))
		return wrong(err, "its app.json is unreadable");
	return 0;
}

/* What we wrote ourselves, or somebody who knows how we do. */
static int take_label(const char *text, struct oci_image *out, struct err *err)
{
	AUTO(json_at) json_t *j = NULL;
	const char *type;
	json_t *quantity;

	if (parse(text, strlen(text), "label davit.image", &j, err) < 0)
		return -1;
	(void)json_object_set_new(j, "layers", json_array());
	out->is_site = json_is_true(json_object_get(j, "site"));
	(void)json_object_del(j, "static_tree");
	if (image_from_json(&out->image, j, err) < 0 || check_image(&out->image, err) < 0)
		return -1;
	out->formation = json_incref(json_object_get(j, "formation"));
	if (out->formation && !json_is_object(out->formation))
		return wrong(err, "its formation is unreadable");
	json_object_foreach(out->formation, type, quantity)
		if (!name_is_process(type) || !json_is_integer(quantity) ||
		    json_integer_value(quantity) < 0 ||
		    json_integer_value(quantity) > FORMATION_MAX)
			return wrong(err, "its formation is unreadable");
	return 0;
}

static int add_words(struct buf *line, const json_t *list, struct err *err)
{
	json_t *word;
	size_t i;

	if (list && !json_is_null(list) && !json_is_array(list))
		return wrong(err, "its entry point is unreadable");
	json_array_foreach(list, i, word) {
		if (!is_text(word, COMMAND_MAX))
			return wrong(err, "its entry point is unreadable");
		buf_addc(line, ' ');
		words_quote(line, json_string_value(word));
	}
	return line->len <= COMMAND_MAX ? 0 : wrong(err, "its entry point is too long");
}

/* "K=V" words. */
static int read_env(const json_t *list, json_t **env, struct err *err)
{
	AUTO(json_at) json_t *vars = json_object();
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *s = json_string_value(item);
		const char *equals = s ? strchr(s, '=') : NULL;
		AUTO_FREE char *key = NULL;

		if (!equals)
			return wrong(err, "its environment is unreadable");
		key = xstrndup(s, (size_t)(equals - s));
		(void)json_object_set_new(vars, key, json_string(equals + 1));
	}
	if (check_vars(vars, "its environment is unreadable", err) < 0)
		return -1;
	*env = json_incref(vars);
	return 0;
}

/* "8080/tcp": the lowest one is where the web process listens. */
static int read_port(const json_t *ports, long *port, struct err *err)
{
	const char *key;
	json_t *ignored;
	long n;

	json_object_foreach((json_t *)ports, key, ignored) {
		AUTO_FREE char *number = xstrndup(key, strcspn(key, "/"));
		const char *protocol = key + strlen(number);

		if (!name_to_int(number, 1, 65535, &n))
			return wrong(err, "a port out of range");
		if ((!*protocol || strcmp(protocol, "/tcp") == 0) &&
		    (!*port || n < *port))
			*port = n;
	}
	return 0;
}

/* "1000", "1000:1000", "www-data", "". */
static int read_user(const char *text, struct oci_image *out, struct err *err)
{
	AUTO_FREE char *user = xstrndup(text, strcspn(text, ":"));

	if (!*user || strcmp(user, "root") == 0 ||
	    name_to_int(user, 0, 65535, &out->image.uid))
		return 0;
	if (strlen(user) > 64 || strspn(user, "0123456789") == strlen(user) ||
	    strspn(user,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
		    strlen(user))
		return wrong(err, "its user is unreadable");
	out->user = take_str(&user);
	return 0;
}

/* An image of somebody else: its entry point is the web process. */
static int take_foreign(const json_t *c, struct oci_image *out, struct err *err)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	const char *cwd = json_string_value(json_object_get(c, "WorkingDir"));
	const char *user = json_string_value(json_object_get(c, "User"));

	if (add_words(&line, json_object_get(c, "Entrypoint"), err) < 0 ||
	    add_words(&line, json_object_get(c, "Cmd"), err) < 0 ||
	    read_env(json_object_get(c, "Env"), &out->image.env, err) < 0 ||
	    read_port(json_object_get(c, "ExposedPorts"), &out->image.port, err) < 0 ||
	    read_user(user ? user : "", out, err) < 0)
		return -1;
	if (!line.len)
		return wrong(err, "it says nothing to run: no Entrypoint and no Cmd");
	out->image.builder = xstrdup(IMAGE_FOREIGN);
	out->image.cwd = xstrdup(cwd && *cwd ? cwd : "/");
	out->image.processes = json_pack("{s:o}", "web",
					 json_sprintf("exec%s", line.data));
	return check_image(&out->image, err);
}

/* Text for people and for lists: one short line. */
static char *line_of(const json_t *labels, const char *key)
{
	const char *s = json_string_value(json_object_get(labels, key));
	char *line = xstrndup(s ? s : "", LABEL_TEXT_MAX);

	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return line;
}

static int take_labels(const json_t *labels, struct oci_image *out, struct err *err)
{
	const char *vars = json_string_value(json_object_get(labels, "davit.config"));
	AUTO_FREE char *revision = line_of(labels, "org.opencontainers.image.revision");

	out->title = line_of(labels, "org.opencontainers.image.title");
	out->revision = xstrdup(
		strspn(revision, "0123456789abcdef") == strlen(revision) ? revision : "");
	if (strlen(out->revision) > 64)
		out->revision[0] = '\0';
	if (!vars)
		return 0;
	if (parse(vars, strlen(vars), "label davit.config", &out->config, err) < 0)
		return -1;
	return check_vars(out->config, "its variables are unreadable", err) < 0
		       ? -1
		       : config_check_total(out->config, err);
}

/* An image runs on one kind of machine. */
static int check_platform(const json_t *j, struct err *err)
{
	const char *os = json_string_value(json_object_get(j, "os"));
	const char *arch = json_string_value(json_object_get(j, "architecture"));

	if (os && strcmp(os, "linux") == 0 && arch &&
	    strcmp(arch, oci_architecture()) == 0)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "the image is for %.20s/%.20s; this host is linux/%s",
		       os ? os : "?", arch ? arch : "?", oci_architecture());
}

static int read_config(const json_t *j, size_t layers, struct oci_image *out,
		       struct err *err)
{
	const json_t *c = json_object_get(j, "config");
	const json_t *labels = json_object_get(c, "Labels");
	const char *label = json_string_value(json_object_get(labels, "davit.image"));

	if (check_platform(j, err) < 0 ||
	    read_diff_ids(j, layers, &out->diff_ids, err) < 0 ||
	    take_labels(labels, out, err) < 0)
		return -1;
	if ((label ? take_label(label, out, err) : take_foreign(c, out, err)) < 0)
		return -1;
	if (out->is_site ? layers != 1 : layers == 0)
		return wrong(err, "it has no layer, or a site has several");
	return 0;
}

int oci_read_config(const char *text, size_t len, size_t layers, struct oci_image *out,
		    struct err *err)
{
	AUTO(json_at) json_t *j = NULL;
	AUTO(oci_image_release) struct oci_image got = OCI_IMAGE_INIT;

	if (parse(text, len, "the configuration", &j, err) < 0 ||
	    read_config(j, layers, &got, err) < 0)
		return -1;
	*out = got;
	got = (struct oci_image)OCI_IMAGE_INIT;
	return 0;
}
