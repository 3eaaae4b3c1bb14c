/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "command/dispatch.h"
#include "plugins/plugin/stage.h"
#include "plugins/plugin/trees.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"

/* Take away what an installation left: as if it had not been tried. */
static void undo(const char *name)
{
	AUTO_FREE char *path = trees_available(name);
	struct err ignored;

	(void)trees_unlink(name, &ignored);
	(void)fs_remove_tree(path, &ignored);
	stage_forget_source(name);
}

static int put_in_place(const char *tree, const char *name, const char *url,
			struct err *err)
{
	AUTO_FREE char *path = trees_available(name);

	if (rename(tree, path) < 0)
		return err_sys(err, "rename %s", tree);
	if (stage_set_source(name, url, err) < 0 || trees_link(name, err) < 0) {
		undo(name);
		return -1;
	}
	return 0;
}

static int check_new(const char *name, struct err *err)
{
	AUTO_FREE char *path = NULL;

	if (trees_check_name(name, err) < 0)
		return -1;
	path = trees_available(name);
	if (!fs_exists(path))
		return 0;
	(void)err_set(err, ERR_REFUSED, "Plugin %s is installed already", name);
	return err_hint(err, "davit plugin:update %s, or another name with --name", name);
}

static int install(struct request *req, const char *url, const char *name,
		   struct err *err)
{
	AUTO_FREE char *tree = NULL;
	struct err other;

	if (check_new(name, err) < 0)
		return -1;
	out_step(req->out, "Fetching plugin %s from %s", name, url);
	if (stage_fetch(url, request_value(req, "committish"), &tree, err) < 0)
		return -1;
	if (put_in_place(tree, name, url, err) < 0)
		return -1;
	stage_clear();
	if (request_flag(req, "skip-install-trigger")) {
		out_step(req->out, "Plugin %s enabled", name);
		return 0;
	}
	if (hooks_run(name, "install", NULL, err) < 0) {
		undo(name);
		return err_context(err, "plugin %s was not installed", name);
	}
	out_step(req->out, "Plugin %s enabled", name);
	/* The others learn of it, as an install hook is one to run again; theirs is not
	 * this plugin's failure. */
	if (hooks_run_all("install", NULL, name, &other) < 0)
		dispatch_print_error(req->out, &other);
	return 0;
}

static int check_words(const struct request *req, struct err *err)
{
	static const char *const known[] = { "core", "skip-install-trigger",
					     "name=", "committish=" };
	size_t good = 0;

	strv_foreach(flag, &req->flags)
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			good += strncmp(flag, known[i], strlen(known[i])) == 0;
	if (req->argc <= 1 && good == req->flags.len)
		return 0;
	(void)err_set(err, ERR_USAGE,
		      req->argc > 1 ? "one plugin at a time. Please retry with valid "
				      "arguments"
				    : "unknown flag. Please retry with valid arguments");
	return err_hint(err, "usage: davit %s %s", req->command->name,
			req->command->usage);
}

int plugin_cmd_install(struct request *req, struct err *err)
{
	AUTO_CLOSE int lock = -1;
	AUTO_FREE char *name = NULL;
	const char *given = request_value(req, "name");
	int rc;

	if (check_words(req, err) < 0)
		return -1;
	if (request_flag(req, "core"))
		return 0; /* what is built in needs no installation */
	lock = trees_lock(err);
	if (lock < 0)
		return -1;
	if (req->argc == 0) {
		rc = hooks_run_all("install", NULL, NULL, err);
	} else {
		name = given ? xstrdup(given) : trees_name_of(req->argv[0]);
		rc = install(req, req->argv[0], name, err);
	}
	plugin_record(req, rc == 0);
	return rc;
}
