/* SPDX-License-Identifier: MIT */
/*
 * The parts of an image archive as files without a name, on the disk of the store: what is
 * interrupted leaves nothing.  Nothing here holds more than a window of one in memory.
 */
#ifndef DAVIT_DEPLOY_BLOB_H
#define DAVIT_DEPLOY_BLOB_H

#include "deploy/oci.h"
#include "util/buf.h"

/* A new file without a name; the caller closes it. */
int blob_file(int *fd, struct err *err);

/* What is read from `from` to its end, compressed into `to`, with both digests. */
int blob_squeeze(int from, int to, struct oci_layer *out, struct err *err);
/* The same in a child, so that another program can write into *pipe meanwhile. */
struct blob_child {
	pid_t pid;
	int pipe; /* the other program's end */
	int said;
};
#define BLOB_CHILD_INIT                            \
	{                                          \
		.pid = -1, .pipe = -1, .said = -1, \
	}
int blob_squeeze_start(struct blob_child *c, int to, struct err *err);
int blob_squeeze_finish(struct blob_child *c, struct oci_layer *out, struct err *err);
/* A layer's contents, compressed or not, into *pipe from a child. */
int blob_expand_start(struct blob_child *c, int from, struct err *err);
int blob_expand_finish(struct blob_child *c, struct err *err);
void blob_child_release(struct blob_child *c);

/* Are a layer's contents what the digest says?  ERR_REFUSED when not. */
int blob_check_contents(int from, const char *diff_id, struct err *err);

/* --- a whole archive ------------------------------------------------------------------ */

struct spool_blob {
	struct oci_blob blob;
	int fd;
	char *name; /* of a member of `docker save`; NULL: its digest is its name */
};

struct spool {
	struct spool_blob *v;
	size_t len;
	struct buf index;  /* index.json */
	struct buf docker; /* manifest.json, of `docker save` */
	struct strv links; /* NAME OF_WHAT: layers that are there twice */
	bool is_layout;    /* oci-layout was there, of a version we know */
};

#define SPOOL_INIT                                                                    \
	{                                                                             \
		.v = NULL, .index = BUF_INIT, .docker = BUF_INIT, .links = STRV_INIT, \
	}

void spool_release(struct spool *s);
/* Read an archive to its end; each blob is what its name says it is. */
int spool_read(struct spool *s, int fd, struct err *err);
/* What the member of that name is, of an archive of `docker save`. */
int spool_named(const struct spool *s, const char *name, struct oci_blob *is,
		struct err *err);
/* The descriptor of a blob that is there with that size, or -1 with *err. */
int spool_find(const struct spool *s, const struct oci_blob *want, struct err *err);

#endif
