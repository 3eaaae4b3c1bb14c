/* SPDX-License-Identifier: MIT */
/* All enabled plugins in order: the core ones, and the directories beside them. */
#include <stdlib.h>
#include <string.h>

#include "plugin/exec.h"
#include "plugin/plugin.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/name.h"
#include "util/paths.h"

static const struct plugin **all;
static size_t all_count;
static bool have_read;

static int by_name(const void *a, const void *b)
{
	const struct plugin *const *left = a;
	const struct plugin *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

const struct plugin *plugin_in(const char *dir, const char *name)
{
	struct plugin *p = xcalloc(1, sizeof *p);

	p->name = xstrdup(name);
	p->dir = paths_in(dir, "%s", name);
	for (int i = 0; i < TRIGGER__COUNT; i++)
		p->on[i] = exec_trigger;
	return p;
}

static void add(const struct plugin *p)
{
	all = xrealloc(all, all_count + 1, sizeof(const struct plugin *));
	all[all_count++] = p;
}

bool plugin_is_core(const char *name)
{
	AUTO_FREE char *functions = paths_in(paths_share(), "core-plugins/available/%s",
					     name);

	for (size_t i = 0; i < core_plugins_count; i++)
		if (strcmp(core_plugins[i]->name, name) == 0)
			return true;
	return fs_is_dir(functions);
}

static void add_directories(void)
{
	AUTO_FREE char *dir = paths_in(paths_root(), "plugins/enabled");
	AUTO(closedir_at) DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		AUTO_FREE char *path = paths_in(dir, "%s", e->d_name);

		if (name_is_id(e->d_name) && fs_is_dir(path) &&
		    !plugin_is_core(e->d_name))
			add(plugin_in(dir, e->d_name));
	}
}

const struct plugin *const *plugin_all(size_t *count)
{
	if (!have_read) {
		have_read = true;
		for (size_t i = 0; i < core_plugins_count; i++)
			add(core_plugins[i]);
		add_directories();
		if (all_count > 1)
			qsort(all, all_count, sizeof(const struct plugin *), by_name);
	}
	*count = all_count;
	return all;
}
