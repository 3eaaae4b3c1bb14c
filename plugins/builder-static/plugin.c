/* SPDX-License-Identifier: MIT */
#include "plugins/builder-static/static.h"
#include "plugins/plugins.h"

const struct plugin plugin_builder_static = {
	.name = "builder-static",
	.summary = "serve a site of files",
	.on = {
		[TRIGGER_BUILDER_DETECT] = static_on_detect,
		[TRIGGER_BUILDER_BUILD] = static_on_build,
	},
};
