/* SPDX-License-Identifier: MIT */
/* manifest.json, which `docker save` writes: which files of the archive are the image. */
#include <string.h>

#include "deploy/oci.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/jsonc.h"

void oci_docker_release(struct oci_docker *d)
{
	free(d->config);
	strv_release(&d->layers);
	*d = (struct oci_docker)OCI_DOCKER_INIT;
}

/* What "alpine" means: library/alpine:latest at the one registry without a name. */
static char *whole_name(const char *name)
{
	const char *slash;

	if (strncmp(name, "docker.io/", 10) == 0)
		name += 10;
	if (strncmp(name, "library/", 8) == 0)
		name += 8;
	slash = strrchr(name, '/');
	return xasprintf("%s%s", name,
			 strchr(slash ? slash : name, ':') ? "" : ":latest");
}

/* An image that was saved by its number has no names: it is any. */
static bool has_name(const json_t *image, const char *want)
{
	const json_t *tags = json_object_get(image, "RepoTags");
	AUTO_FREE char *whole = whole_name(want);
	json_t *tag;
	size_t i;

	json_array_foreach((json_t *)tags, i, tag) {
		AUTO_FREE char *is = whole_name(
			json_is_string(tag) ? json_string_value(tag) : "");

		if (strcmp(is, whole) == 0)
			return true;
	}
	return json_array_size(tags) == 0;
}

static int not_there(const json_t *list, const char *want, struct err *err)
{
	AUTO(buf_release) struct buf names = BUF_INIT;
	json_t *image;
	size_t i;

	json_array_foreach((json_t *)list, i, image) {
		const json_t *tag = json_array_get(json_object_get(image, "RepoTags"), 0);

		buf_addf(&names, " %.100s",
			 json_is_string(tag) ? json_string_value(tag) : "(no name)");
	}
	(void)err_set(err, ERR_REFUSED, "the archive holds%.300s, not %.200s", names.data,
		      want);
	return err_hint(err, "docker save %.200s", want);
}

static int choose(const json_t *list, const char *want, const json_t **image,
		  struct err *err)
{
	json_t *one;
	size_t i;

	if (!want && json_array_size(list) == 1) {
		*image = json_array_get(list, 0);
		return 0;
	}
	if (!want) {
		(void)err_set(err, ERR_REFUSED, "the archive holds %zu images, not one",
			      json_array_size(list));
		return err_hint(err, "git:load-image APP NAME takes one by its name");
	}
	json_array_foreach((json_t *)list, i, one)
		if (has_name(one, want)) {
			*image = one;
			return 0;
		}
	return not_there(list, want, err);
}

int oci_read_docker(const char *text, size_t len, const char *want,
		    struct oci_docker *out, struct err *err)
{
	AUTO(json_at) json_t *list = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *image = NULL;
	const json_t *layers;
	json_t *layer;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > OCI_IMAGES_MAX)
		return err_set(err, ERR_REFUSED, "manifest.json is unreadable");
	if (choose(list, want, &image, err) < 0)
		return -1;
	layers = json_object_get(image, "Layers");
	if (!json_is_string(json_object_get(image, "Config")) || !json_is_array(layers) ||
	    json_array_size(layers) > OCI_LAYERS_MAX)
		return err_set(err, ERR_REFUSED, "manifest.json is unreadable");
	json_array_foreach((json_t *)layers, i, layer)
		if (!json_is_string(layer))
			return err_set(err, ERR_REFUSED, "manifest.json is unreadable");
	json_array_foreach((json_t *)layers, i, layer)
		strv_add(&out->layers, json_string_value(layer));
	out->config = xstrdup(json_string_value(json_object_get(image, "Config")));
	return 0;
}
