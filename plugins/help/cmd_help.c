/* SPDX-License-Identifier: MIT */
#include "command/help.h"
#include "plugins/help/help.h"

int help_cmd_help(struct request *req, struct err *err)
{
	const struct command *c;
	const char *name = req->argc ? req->argv[0] : NULL;

	if (request_flag(req, "names")) {
		help_names(req->out);
		return 0;
	}
	if (request_flag(req, "table")) {
		help_table(req->out);
		return 0;
	}
	if (request_flag(req, "triggers")) {
		help_triggers(req->out, request_flag(req, "mdoc"));
		return 0;
	}
	if (request_flag(req, "mdoc")) {
		help_mdoc(req->out);
		return 0;
	}
	if (!name) {
		help_all(req->out, request_flag(req, "all"));
		return 0;
	}
	c = command_find(name);
	if (c && !(c->needs & HIDDEN)) {
		help_command(req->out, c);
		return 0;
	}
	if (help_plugin(req->out, name))
		return 0;
	const char *near = command_nearest(name);

	(void)err_set(err, ERR_USAGE, "'%s' is not a davit command", name);
	return near ? err_hint(err, "did you mean '%s'?", near)
		    : err_hint(err, "'davit help --all' lists them");
}

int help_cmd_version(struct request *req, struct err *err)
{
	(void)err;
	out_line(req->out, "davit version %s", DAVIT_VERSION);
	return 0;
}
