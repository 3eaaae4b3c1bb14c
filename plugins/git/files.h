/* SPDX-License-Identifier: MIT */
/* Files that did not come by a push: a commit on top of the deploy branch, and its deploy. */
#ifndef DAVIT_PLUGINS_GIT_FILES_H
#define DAVIT_PLUGINS_GIT_FILES_H

#include <git2.h>

#include "plugins/git/git.h"

/* Who has written them, where nobody says. */
#define FILES_NAME  "davit"
#define FILES_EMAIL "davit@localhost"

struct files {
	struct store *st;
	struct out *out;
	struct app app;
	const char *name;
	const char *email;
	git_repository *repo;
	git_commit *parent; /* or NULL */
	char sha[GIT_SHA];
};

void files_release(struct files *f);
/* The app and the author of a trigger's words: APP first, and [NAME EMAIL] at `author`. */
int files_start(struct files *f, struct trigger_call *call, const char *const *author,
		struct err *err);
/* ERR_REFUSED when the tree is that of the parent. */
int files_commit(struct files *f, const git_oid *tree, const char *message,
		 struct err *err);
/* Deploy the commit; the branch follows when all has gone well, as with a push. */
int files_receive(struct files *f, struct err *err);

#endif
