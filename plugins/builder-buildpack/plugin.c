/* SPDX-License-Identifier: MIT */
#include "plugin/heavy.h"
#include "plugins/builder-buildpack/buildpack.h"
#include "plugins/plugins.h"

const struct plugin plugin_builder_buildpack = {
	.name = BUILDPACK_PLUGIN,
	.summary = "build apps with buildpacks",
	.on = {
		[TRIGGER_BUILDER_DETECT] = buildpack_on_detect,
		[TRIGGER_BUILDER_BUILD] = HEAVY(buildpack_on_build),
	},
};
