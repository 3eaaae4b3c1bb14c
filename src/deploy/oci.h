/* SPDX-License-Identifier: MIT */
/*
 * The JSON documents of an OCI image: index, manifest, configuration.  Whoever made them is
 * not trusted: media types, digests, sizes, counts and every field that is used are checked.
 *
 * A release of ours carries what an image has no field for in two labels: what the builder
 * made ("davit.image") and, when asked for, its variables ("davit.config").  Any other image
 * becomes one web process: its entry point.
 */
#ifndef DAVIT_DEPLOY_OCI_H
#define DAVIT_DEPLOY_OCI_H

#include <jansson.h>
#include <stdint.h>

#include "store/release.h"

/* Bounds of what is read into memory, and of what an image may be made of. */
enum {
	OCI_JSON_MAX = 4 << 20,
	OCI_LAYERS_MAX = 128,
	OCI_IMAGES_MAX = 64,
	OCI_DIGEST = 72, /* "sha256:", 64 digits, NUL */
};
#define OCI_BLOB_MAX (16LL << 30)

enum oci_kind { OCI_MANIFEST, OCI_CONFIG, OCI_LAYER };

struct oci_blob {
	char digest[OCI_DIGEST];
	int64_t size;
};

struct oci_manifest {
	struct oci_blob config;
	struct oci_blob layers[OCI_LAYERS_MAX]; /* the lowest first */
	size_t count;
};

/* This machine's kind: "amd64", "arm64", … */
const char *oci_architecture(void);
/* "sha256:" and 64 lower-case hexadecimal digits. */
bool oci_is_digest(const char *s);

/* The one image that index.json names. */
int oci_read_index(const char *text, size_t len, struct oci_blob *manifest,
		   struct err *err);
int oci_read_manifest(const char *text, size_t len, struct oci_manifest *m,
		      struct err *err);

/* The members of an archive of `docker save` that make one image. */
struct oci_docker {
	char *config;
	struct strv layers; /* the lowest first */
};
#define OCI_DOCKER_INIT                             \
	{                                           \
		.config = NULL, .layers = STRV_INIT \
	}
void oci_docker_release(struct oci_docker *d);
/* The image of the name `want` in manifest.json; NULL: there is but one. */
int oci_read_docker(const char *text, size_t len, const char *want,
		    struct oci_docker *out, struct err *err);

struct oci_image {
	struct image image;   /* without layers */
	struct strv diff_ids; /* digests of the layers' contents, the lowest first */
	bool is_site;         /* the one layer is a static site */
	char *user;           /* a name to look up in the image's passwd file, or NULL */
	char *revision;       /* or "" */
	char *title;          /* "blog v12", or "" */
	json_t *formation;    /* or NULL */
	json_t *config;       /* variables that were exported, or NULL */
};

#define OCI_IMAGE_INIT                                      \
	{                                                   \
		.image = IMAGE_INIT, .diff_ids = STRV_INIT, \
	}

void oci_image_release(struct oci_image *i);
/* `layers` is how many the manifest has. */
int oci_read_config(const char *text, size_t len, size_t layers, struct oci_image *out,
		    struct err *err);

/* --- the other way ------------------------------------------------------------------ */

struct oci_layer {
	struct oci_blob blob;     /* as it is stored */
	char diff_id[OCI_DIGEST]; /* of what it holds */
};

/* The documents of a release as text; the caller frees.  Layers: the lowest first. */
struct oci_release {
	const char *app;
	const struct release *release;
	const struct oci_layer *layers;
	size_t count;
	bool with_config;
};
char *oci_write_config(const struct oci_release *r);
char *oci_write_manifest(const struct oci_release *r, const struct oci_blob *config);
char *oci_write_index(const struct oci_release *r, const struct oci_blob *manifest);

#endif
