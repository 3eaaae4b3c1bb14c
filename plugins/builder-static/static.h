/* SPDX-License-Identifier: MIT */
/* Sites of files: no container, no process; nginx serves them from the release. */
#ifndef DAVIT_PLUGINS_BUILDER_STATIC_STATIC_H
#define DAVIT_PLUGINS_BUILDER_STATIC_STATIC_H

#include "plugin/plugin.h"

trigger_fn static_on_detect;
trigger_fn static_on_build;

#endif
