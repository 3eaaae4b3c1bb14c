/* SPDX-License-Identifier: MIT */
/* The attribute export-ignore of .gitattributes files; no other attribute is looked at. */
#ifndef DAVIT_DEPLOY_EXPORT_IGNORE_H
#define DAVIT_DEPLOY_EXPORT_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

struct export_rule {
	char *pattern;
	char *base;     /* directory of its file, "" or "a/b/" */
	bool anchored;  /* has a slash: matches the path below base, not the name alone */
	bool dirs_only; /* ended with a slash */
	bool ignore;    /* export-ignore; false: -export-ignore, !export-ignore */
};

struct export_rules {
	struct export_rule *v;
	size_t len;
};

#define EXPORT_RULES_INIT \
	{                 \
		.v = NULL \
	}

void export_rules_release(struct export_rules *r);

/* Add the rules of a .gitattributes file that lies in `base` ("" or "a/b/"). */
void export_rules_add(struct export_rules *r, const char *base, const char *text,
		      size_t len);
/* Forget all rules but the first `len`: those of a directory that was left. */
void export_rules_cut(struct export_rules *r, size_t len);

/* Is this path (relative to the top) left out?  The last rule that matches decides. */
bool export_rules_ignore(const struct export_rules *r, const char *path, bool is_dir);

#endif
