/* SPDX-License-Identifier: MIT */
/* Every core plugin, in the order of pipeline calls: byte order of the names. */
#include "plugins/plugins.h"

#include "plugin/plugin.h"

const struct plugin *const core_plugins[] = {
	&plugin_deploy, /* 00_dokku-standard */
	&plugin_davit,
	&plugin_help,
	&plugin_nginx, /* nginx-vhosts */
};

const size_t core_plugins_count = sizeof core_plugins / sizeof *core_plugins;
