/* SPDX-License-Identifier: MIT */
/* plugin:enable, :disable, :uninstall, :installed. */
#include "plugin/replace.h"
#include "plugins/plugin/stage.h"
#include "plugins/plugin/trees.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"

typedef int action(struct request *req, const char *name, struct err *err);

/* The lock, an installed plugin; then what the command does, and its event. */
static int with_plugin(struct request *req, action *act, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	int rc;

	lock = trees_lock(err);
	if (lock < 0 || trees_check_there(req->argv[0], err) < 0)
		return -1;
	rc = act(req, req->argv[0], err);
	plugin_record(req, rc == 0);
	return rc;
}

static int enable(struct request *req, const char *name, struct err *err)
{
	AUTO_FREE char *path = trees_available(name);
	const struct plugin p = { .name = name, .dir = path };

	/* It may have been put there by hand. */
	if (seal_tree(path, err) < 0 || replace_check(&p, err) < 0 ||
	    trees_link(name, err) < 0)
		return -1;
	out_step(req->out, "Plugin %s enabled", name);
	return 0;
}

static int disable(struct request *req, const char *name, struct err *err)
{
	if (trees_unlink(name, err) < 0)
		return -1;
	out_step(req->out, "Plugin %s disabled", name);
	return 0;
}

static int uninstall(struct request *req, const char *name, struct err *err)
{
	AUTO_FREE char *path = trees_available(name);

	if (hooks_run_all("uninstall", name, NULL, err) < 0 && !req->force) {
		(void)err_context(err, "plugin %s is still installed", name);
		return err_hint(err, "davit --force plugin:uninstall %s", name);
	}
	if (trees_unlink(name, err) < 0 || fs_remove_tree(path, err) < 0)
		return -1;
	stage_forget_source(name);
	out_step(req->out, "Plugin %s uninstalled", name);
	return 0;
}

int plugin_cmd_enable(struct request *req, struct err *err)
{
	return with_plugin(req, enable, err);
}

int plugin_cmd_disable(struct request *req, struct err *err)
{
	return with_plugin(req, disable, err);
}

int plugin_cmd_uninstall(struct request *req, struct err *err)
{
	return with_plugin(req, uninstall, err);
}

int plugin_cmd_installed(struct request *req, struct err *err)
{
	const char *name = req->argv[0];

	if (name_is_id(name) && plugin_is_core(name))
		return 0;
	return trees_check_there(name, &(struct err){ .kind = ERR_NONE }) < 0
		       ? err_exit(err, 1)
		       : 0;
}
