/* SPDX-License-Identifier: MIT */
/* The core plugins: a line here, a line in plugins.c, a directory. */
#ifndef DAVIT_PLUGINS_PLUGINS_H
#define DAVIT_PLUGINS_PLUGINS_H

#include "plugin/plugin.h"

extern const struct plugin plugin_deploy; /* src/deploy/plugin.c */
extern const struct plugin plugin_davit;
extern const struct plugin plugin_help;
extern const struct plugin plugin_nginx;

#endif
