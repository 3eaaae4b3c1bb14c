/* SPDX-License-Identifier: MIT */
#include "plugins/plugins.h"

#define CORE_PLUGIN_ADDRESS(name) &plugin_##name,
const struct plugin *const core_plugins[] = { CORE_PLUGINS(CORE_PLUGIN_ADDRESS) };

const size_t core_plugins_count = sizeof core_plugins / sizeof *core_plugins;
