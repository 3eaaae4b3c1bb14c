/* SPDX-License-Identifier: MIT */
/*
 * Submodules: fetched by git over https or ssh, nothing else, into a bare repository beside
 * the target, and extracted from there like the tree that they belong to.
 */
#ifndef DAVIT_DEPLOY_SUBMODULE_H
#define DAVIT_DEPLOY_SUBMODULE_H

#include "deploy/source.h"

enum { SUBMODULE_DEPTH_MAX = 5, SUBMODULES_MAX = 100, SUBMODULE_TIMEOUT_MS = 300000 };

struct submodule {
	char *path; /* relative to the target */
	char *sha;
	char *url; /* from .gitmodules, or NULL */
};

struct submodules {
	struct submodule *v;
	size_t len;
};

#define SUBMODULES_INIT   \
	{                 \
		.v = NULL \
	}

void submodules_release(struct submodules *s);

/* The tree has a submodule at this path. */
void submodules_want(struct submodules *s, const char *path, const char *sha);

/* Take the URLs of a .gitmodules file, whose paths begin with `build_dir` where one is set. */
void submodules_read(struct submodules *s, const char *build_dir, const char *text,
		     size_t len);

/* May git be asked to fetch this?  https://, ssh:// and user@host:path only. */
bool submodule_url_is_safe(const char *url);

/* Fetch one submodule and write its tree to its (empty) directory below want->target. */
int submodule_write(const struct submodule *s, const struct source *want,
		    struct source_info *info, struct err *err);

/* source.c: as source_extract, into a directory that exists, counting on in *info. */
int source_write(const struct source *want, struct source_info *info, struct err *err);

#endif
