/* SPDX-License-Identifier: MIT */
/* install, update, uninstall and dependencies: the hooks that run as root. */
#include <string.h>

#include "command/dispatch.h"
#include "plugin/exec.h"
#include "plugins/plugin/trees.h"
#include "store/event.h"
#include "util/cleanup.h"

void plugin_record(const struct request *req, bool ok)
{
	AUTO(store_close) struct store st = STORE_INIT;
	/* An address may hold a password: its name says enough. */
	AUTO_FREE char *what = req->argc ? trees_name_of(req->argv[0]) : NULL;
	struct err ignored;

	if (dispatch_drop_root(&ignored) == 0 && store_open(&st, true, &ignored) == 0)
		(void)event_add(&st,
				&(struct event){ .actor = req->caller->name,
						 .command = req->command->name,
						 .result = ok ? "ok" : "failed",
						 .detail = what },
				&ignored);
}

int hooks_run(const char *name, const char *hook, const char *word, struct err *err)
{
	AUTO_FREE char *dir = trees_enabled("");
	AUTO(guard_release) struct guard guard = { .plugin = NULL };
	const struct plugin *p;
	const char *const words[] = { word, NULL };
	int code;

	dir[strlen(dir) - 1] = '\0';
	p = plugin_in(dir, name);
	if (!exec_listens(p, hook))
		return 0;
	if (guard_take(&guard, name, err) < 0)
		return -1;
	code = exec_foreground(p, hook, words, err);
	if (code < 0)
		return -1;
	if (code == 0)
		return 0;
	(void)err_set(err, ERR_APP, "plugin %s: %s exited with status %d", name, hook,
		      code);
	return err_hint(err, "see what it does: %s/%s", p->dir, hook);
}

int hooks_run_all(const char *hook, const char *word, const char *but, struct err *err)
{
	AUTO(strv_release) struct strv names = STRV_INIT;

	trees_names(true, &names);
	strv_foreach(name, &names)
		if ((!but || strcmp(but, name) != 0) &&
		    hooks_run(name, hook, word, err) < 0)
			return -1;
	return 0;
}

int plugin_cmd_install_dependencies(struct request *req, struct err *err)
{
	int rc;

	rc = request_flag(req, "core") ? 0
				       : hooks_run_all("dependencies", NULL, NULL, err);
	plugin_record(req, rc == 0);
	return rc;
}
