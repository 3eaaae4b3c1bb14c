/* SPDX-License-Identifier: MIT */
/*
 * An archive as a tree of the app's repository.  Nothing is unpacked on the host: each
 * file goes from the archive into a blob, so that no name in it can lead anywhere.
 */
#ifndef DAVIT_PLUGINS_GIT_ARCHIVE_H
#define DAVIT_PLUGINS_GIT_ARCHIVE_H

#include <git2.h>

#include "util/err.h"

struct archive_limits {
	long long bytes; /* of all files */
	long files;
};

/*
 * The tree of what `fd` (at its start) holds: "tar", "tar.gz" or "zip".  One directory
 * that holds all the rest is left out.  -1 for what is no such archive, for names and
 * links that lead out of it, and for what is over the limits.
 */
int archive_tree(git_repository *repo, int fd, const char *type,
		 const struct archive_limits *limits, git_oid *tree, struct err *err);

#endif
