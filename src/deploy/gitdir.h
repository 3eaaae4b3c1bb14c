/* SPDX-License-Identifier: MIT */
/* git:set keep-git-dir: a repository of its own inside the tree that is built. */
#ifndef DAVIT_DEPLOY_GITDIR_H
#define DAVIT_DEPLOY_GITDIR_H

#include "deploy/source.h"

/*
 * Make TARGET/.git, with the history of commit `sha` and HEAD on `branch`.  Objects of a
 * push that is still in quarantine are found; nothing in it leads out of the tree.
 */
int gitdir_make(const struct source *want, const char *sha, const char *branch,
		struct err *err);

#endif
