/* SPDX-License-Identifier: MIT */
/*
 * The core plugins: one row here, one directory.  They are called in byte order of their
 * Dokku names (`.name`), third-party ones between them; the registry sorts.
 */
#ifndef DAVIT_PLUGINS_PLUGINS_H
#define DAVIT_PLUGINS_PLUGINS_H

#include "plugin/plugin.h"

/* clang-format off */
#define CORE_PLUGINS(ROW) \
	ROW(deploy) /* src/deploy/plugin.c */ \
	ROW(access) \
	ROW(apps) \
	ROW(builds) \
	ROW(certs) \
	ROW(checks) \
	ROW(builder_buildpack) \
	ROW(builder_static) \
	ROW(buildpacks) \
	ROW(cleanup) \
	ROW(config) \
	ROW(cron) \
	ROW(davit) \
	ROW(docker_options) \
	ROW(doctor) \
	ROW(domains) \
	ROW(enter) \
	ROW(events) \
	ROW(git) \
	ROW(help) \
	ROW(logs) \
	ROW(network) \
	ROW(nginx) \
	ROW(plugin) \
	ROW(ports) \
	ROW(proxy) \
	ROW(ps) \
	ROW(query) \
	ROW(registry) \
	ROW(releases) \
	ROW(report) \
	ROW(repo) \
	ROW(resource) \
	ROW(run) \
	ROW(settings) \
	ROW(foreign_builders) \
	ROW(shell) \
	ROW(ssh_keys) \
	ROW(stack) \
	ROW(storage) \
	ROW(store) \
	ROW(trace) \
	ROW(url) \
	ROW(views)
/* clang-format on */

#define CORE_PLUGIN_EXTERN(name) extern const struct plugin plugin_##name;
CORE_PLUGINS(CORE_PLUGIN_EXTERN)

#endif
