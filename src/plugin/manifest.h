/* SPDX-License-Identifier: MIT */
/* plugin.toml or plugin.yml of a plugin on disk: what it says about itself. */
#ifndef DAVIT_PLUGIN_MANIFEST_H
#define DAVIT_PLUGIN_MANIFEST_H

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

struct manifest {
	char *description;
	char *version;
	struct strv replaces; /* CORE_PLUGIN/TRIGGER: handlers that it stands in for */
	struct strv config;   /* CONFIG_KEY=VALUE, for the environment of its hooks */
};

#define MANIFEST_INIT                                                        \
	{                                                                    \
		.description = NULL, .version = NULL, .replaces = STRV_INIT, \
		.config = STRV_INIT,                                         \
	}

/* No manifest at all: an outcome, with empty texts. */
enum { MANIFEST_ABSENT = 1 };

/* 0, MANIFEST_ABSENT, or -1 with the file and the line that is wrong. */
int manifest_read(const char *dir, struct manifest *m, struct err *err);
/* The same of the text of a file of that name. */
int manifest_parse(const char *file, const struct buf *text, struct manifest *m,
		   struct err *err);
void manifest_release(struct manifest *m);

#endif
