/* SPDX-License-Identifier: MIT */
/*
 * The tree of a commit as a fresh directory: .gitattributes export-ignore honoured,
 * submodules fetched, symlinks kept as symlinks, no .git.  Objects of a push that is still
 * in quarantine (GIT_QUARANTINE_PATH) are found; no ref is written.
 *
 * A tree is refused whole: names "..", ".git" or with a slash, more than
 * SOURCE_FILES_MAX files, more than SOURCE_BYTES_MAX bytes.
 */
#ifndef DAVIT_DEPLOY_SOURCE_H
#define DAVIT_DEPLOY_SOURCE_H

#include <stdint.h>
#include <stdio.h>

#include "util/err.h"
#include "util/out.h"
#include "util/strv.h"

#define SOURCE_FILES_MAX 200000L
#define SOURCE_BYTES_MAX (2LL << 30)
#define SOURCE_BLOB_MAX  (512LL << 20)

struct source {
	const char *repo;      /* a bare repository */
	const char *revision;  /* a commit, or anything that names one */
	const char *build_dir; /* only this directory becomes the tree; NULL or "": all */
	const char *target;    /* made here, mode 0700; must not exist yet */
	struct out *to;        /* notes about submodules and LFS; NULL: none */
	int cancel_fd;         /* ends a fetch of submodules; 0 = none */
	/* For a submodule's own tree; callers leave them 0. */
	const char *scratch; /* prefix of temporary repositories */
	int depth;
};

enum { SOURCE_LFS_NAMED = 5 };

struct source_info {
	char sha[41];
	char author[256];  /* "Name <mail>" */
	char summary[256]; /* first line of the message */
	int64_t time;      /* of the commit; also the mtime of every file */
	long files;
	int64_t bytes;
	struct strv lfs; /* the first SOURCE_LFS_NAMED Git LFS pointers */
	long lfs_count;
	int submodules; /* that were fetched */
};

#define SOURCE_INFO_INIT         \
	{                        \
		.lfs = STRV_INIT \
	}

void source_info_release(struct source_info *i);

/* Write the tree.  After a failure the target may be there in part. */
int source_extract(const struct source *want, struct source_info *ret, struct err *err);

/* The full id of the commit that `revision` names; "" fails. */
int source_resolve(const char *repo, const char *revision, char sha[41], struct err *err);

#endif
