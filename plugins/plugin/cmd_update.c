/* SPDX-License-Identifier: MIT */
/* plugin:update: the new tree beside the old one, which comes back when a hook fails. */
#include "plugins/plugin/stage.h"
#include "plugins/plugin/trees.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

static char *source_of(const char *name)
{
	static const char *const words[] = { "remote", "get-url", "origin", NULL };
	AUTO_FREE char *dir = trees_available(name);
	char *url = stage_source(name);

	return url ? url : fetch_ask(dir, words);
}

static int run_hooks(const char *name, struct err *err)
{
	if (!trees_is_enabled(name))
		return 0;
	return hooks_run(name, "update", NULL, err) < 0 ||
			       hooks_run(name, "install", NULL, err) < 0
		       ? -1
		       : 0;
}

static int swap(const char *name, const char *tree, struct err *err)
{
	AUTO_FREE char *place = trees_available(name);
	AUTO_FREE char *old = paths_in(paths_root(), "plugins/.old");
	struct err ignored;

	if (fs_remove_tree(old, err) < 0)
		return -1;
	if (rename(place, old) < 0 || rename(tree, place) < 0) {
		(void)err_sys(err, "replace %s", place);
		if (!fs_exists(place))
			(void)rename(old, place);
		return -1;
	}
	if (run_hooks(name, err) == 0)
		return fs_remove_tree(old, err);
	if (fs_remove_tree(place, &ignored) == 0)
		(void)rename(old, place);
	return err_context(err, "plugin %s stays as it was", name);
}

static int update(struct request *req, const char *name, const char *committish,
		  struct err *err)
{
	AUTO_FREE char *tree = NULL;
	AUTO_FREE char *url = NULL;
	int rc;

	if (trees_check_there(name, err) < 0)
		return -1;
	url = source_of(name);
	if (!*url) {
		(void)err_set(err, ERR_REFUSED, "nobody knows where plugin %s came from",
			      name);
		return err_hint(
			err, "davit plugin:uninstall %s, then davit plugin:install <url>",
			name);
	}
	out_step(req->out, "Plugin %s: fetching %s", name, url);
	if (stage_fetch(url, committish, &tree, err) < 0)
		return -1;
	rc = swap(name, tree, err);
	stage_clear();
	if (rc == 0)
		out_step(req->out, "Plugin %s updated", name);
	return rc;
}

static int update_all(struct request *req, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	trees_names(false, &names);
	strv_foreach(name, &names)
		if (update(req, name, NULL, err) < 0)
			return -1;
	return 0;
}

int plugin_cmd_update(struct request *req, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	int rc;

	lock = trees_lock(err);
	if (lock < 0)
		return -1;
	rc = req->argc == 0 ? update_all(req, err)
			    : update(req, req->argv[0],
				     req->argc > 1 ? req->argv[1] : NULL, err);
	plugin_record(req, rc == 0);
	return rc;
}
