/* SPDX-License-Identifier: MIT */
/* plugin:trigger, plugn trigger: what plugins fire, by name. */
#include <string.h>

#include "command/dispatch.h"
#include "plugin/exec.h"
#include "plugins/plugin/trees.h"
#include "util/cleanup.h"

/* A trigger of the table: core handlers and executables, each in its place. */
static int fire_known(struct request *req, enum trigger_id id, struct err *err)
{
	struct trigger_call call = { .id = id,
				     .argv = req->argv + 1,
				     .st = req->st,
				     .to = req->out,
				     .in = BUF_INIT,
				     .out = BUF_INIT };
	int rc = trigger_fire(&call, err);

	out_bytes(req->out, call.out.data, call.out.len);
	if (call.out.len && call.out.data[call.out.len - 1] != '\n')
		out_bytes(req->out, "\n", 1);
	buf_release(&call.out);
	if (rc >= 0)
		return 0;
	/* A test's answer is its status. */
	return err->kind == ERR_APP && err->sys > 0 ? err_exit(err, err->sys) : -1;
}

/* A trigger that plugins have agreed on among themselves. */
static int fire_theirs(const char *name, const char *const *words, struct err *err)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++) {
		int code;

		if (!all[i]->dir || !exec_listens(all[i], name))
			continue;
		code = exec_foreground(all[i], name, words, err);
		if (code != 0)
			return code < 0 ? -1 : err_exit(err, code);
	}
	return 0;
}

int plugin_cmd_trigger(struct request *req, struct err *err)
{
	const char *name = req->argv[0];
	int id = trigger_by_name(name);

	if (!name_is_id(name))
		return err_set(err, ERR_USAGE, "'%.100s' is not the name of a trigger",
			       name);
	if (id >= 0 && trigger_is_heavy((enum trigger_id)id))
		return dispatch_enter_heavy(req->self, err);
	return id < 0 ? fire_theirs(name, req->argv + 1, err)
		      : fire_known(req, (enum trigger_id)id, err);
}
