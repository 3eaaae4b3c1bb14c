/* SPDX-License-Identifier: MIT */
/*
 * A third-party plugin that stands in for a core one: its manifest says
 *
 *	replaces = ["nginx-vhosts/proxy-build-config"]
 *
 * and it has an executable proxy-build-config.  Then the core plugin's handler of that
 * trigger is not run.  While the executable is missing it is, and so is an essential
 * handler always: nothing vanishes by accident.
 */
#ifndef DAVIT_PLUGIN_REPLACE_H
#define DAVIT_PLUGIN_REPLACE_H

#include "plugin/plugin.h"

/* May a third-party plugin stand in for a core plugin's handler? */
bool replace_allowed(const struct plugin *core, enum trigger_id id);
/* The enabled plugin that stands in for a core plugin's handler, or NULL. */
const struct plugin *replace_find(const struct plugin *core, enum trigger_id id);
/* Does the manifest of a plugin replace what there is, what may be replaced, and what it
 * has an executable for?  ERR_REFUSED with the word that is wrong. */
int replace_check(const struct plugin *p, struct err *err);

#endif
