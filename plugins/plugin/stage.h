/* SPDX-License-Identifier: MIT */
/*
 * A tree on its way in: fetched into plugins/.new/tree, looked through, renamed to
 * plugins/available/NAME.  Where it came from stands in plugins/.sources/NAME.
 */
#ifndef DAVIT_PLUGINS_PLUGIN_STAGE_H
#define DAVIT_PLUGINS_PLUGIN_STAGE_H

#include "util/err.h"

/* Fetch, seal and check; a new string with its path. */
int stage_fetch(const char *url, const char *committish, char **tree, struct err *err);
/* Throw away what was staged. */
void stage_clear(void);

/* Where plugin `name` came from: a new string, or NULL. */
char *stage_source(const char *name);
int stage_set_source(const char *name, const char *url, struct err *err);
void stage_forget_source(const char *name);

#endif
