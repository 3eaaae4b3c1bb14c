/* SPDX-License-Identifier: MIT */
/*
 * What is left of apps that the store does not know.  It goes only when it is asked for: a
 * store that was put back from an older copy does not know its youngest apps.
 */
#include <string.h>

#include "plugins/cleanup/cleanup.h"
#include "runtime/helper.h"
#include "runtime/registry.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static void add_unknown(const struct sweep *s, const char *name, struct strv *gone)
{
	if (name_is_app(name) && !cleanup_has_app(s, name) && strv_find(gone, name) < 0)
		strv_add(gone, name);
}

static void add_listed(const struct sweep *s, const char *field, struct strv *gone)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(s->host, field), i, name)
		add_unknown(s, json_string_value(name), gone);
}

static void add_dir(const struct sweep *s, const char *dir, const char *tail,
		    struct strv *gone)
{
	AUTO_FREE char *path = paths_in(paths_root(), "%s", dir);
	AUTO(strv_release) struct strv names = STRV_INIT;

	cleanup_names(path, tail, &names);
	strv_foreach(name, &names)
		add_unknown(s, name, gone);
}

/* Lines "@APP NUMBER". */
static int add_addresses(const struct sweep *s, struct strv *gone, struct err *err)
{
	AUTO_FREE char *path = paths_in(paths_root(), "addresses");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv lines = STRV_INIT;

	if (fs_read(path, 8 << 20, &text, err) < 0)
		return -1;
	strv_split(&lines, text.data, "\n");
	strv_foreach(line, &lines) {
		AUTO_FREE char *name = xstrndup(line, strcspn(line, " "));

		if (name[0] == '@')
			add_unknown(s, name + 1, gone);
	}
	return 0;
}

static int remove_app(struct sweep *s, const char *app, struct err *err)
{
	AUTO_FREE char *repository = paths_in(paths_root(), "git/%s.git", app);
	AUTO_FREE char *logs = paths_in(paths_root(), "store/builds/%s", app);
	AUTO_FREE char *passwords = registry_dir(NULL, app);

	if (!cleanup_goes(s, 0, "what is left of the app %s", app))
		return 0;
	if (helper_one("forget", json_pack("{s:s}", "app", app), NULL, err) < 0 ||
	    fs_remove_tree(repository, err) < 0 || fs_remove_tree(passwords, err) < 0)
		return -1;
	return fs_remove_tree(logs, err);
}

int cleanup_gone_apps(struct sweep *s, struct err *err)
{
	AUTO(strv_release) struct strv gone = STRV_INIT;
	const char *name;
	json_t *route;

	if (!s->gone_apps)
		return 0;
	add_listed(s, "caches", &gone);
	add_listed(s, "tls", &gone);
	add_dir(s, "git", ".git", &gone);
	add_dir(s, "store/builds", "", &gone);
	add_dir(s, "config/registry", "", &gone);
	add_dir(s, "static", "", &gone);
	add_dir(s, "nginx", ".conf", &gone);
	json_object_foreach(json_object_get(s->host, "routes"), name, route)
		add_unknown(s, name, &gone);
	if (add_addresses(s, &gone, err) < 0)
		return -1;
	strv_foreach(app, &gone) {
		if (remove_app(s, app, err) < 0)
			return -1;
	}
	return 0;
}
