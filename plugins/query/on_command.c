/* SPDX-License-Identifier: MIT */
/* What a trigger asks to have done is done by the command of that name: a nested davit. */
#include "plugins/query/query.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"
#include "util/strv.h"

static const struct {
	const char *command;
	enum trigger_id id;
	int words; /* so many of the trigger's are the command's */
} commands[] = {
	{ "builder:set", TRIGGER_BUILDER_SET_PROPERTY, 3 },
	{ "certs:show", TRIGGER_CERTS_GET, 2 },
	{ "certs:remove", TRIGGER_CERTS_REMOVE, 1 },
	{ "certs:add", TRIGGER_CERTS_SET, 3 },
	{ "domains:add", TRIGGER_DOMAINS_ADD, 2 },
	{ "domains:disable", TRIGGER_DOMAINS_DISABLE, 1 },
	{ "domains:enable", TRIGGER_DOMAINS_ENABLE, 1 },
	{ "ports:clear", TRIGGER_PORTS_CLEAR, 1 },
	{ "proxy:disable", TRIGGER_PROXY_DISABLE, 1 },
	{ "proxy:enable", TRIGGER_PROXY_ENABLE, 1 },
};

static void take_line(void *ctx, enum proc_stream from, const char *line)
{
	struct trigger_call *call = ctx;

	if (from == PROC_ERR)
		out_error_line(call->to, line);
	else if (trigger_mode_of(call->id) == TRIGGER_TEXT)
		buf_addf(&call->out, "%s\n", line);
	else
		out_line(call->to, "%s", line);
}

static int run(struct trigger_call *call, const char *command, int words, struct err *err)
{
	AUTO(strv_release) struct strv argv = STRV_INIT;
	AUTO(strv_release) struct strv env = STRV_INIT;
	struct proc_end end;

	strv_take(&argv, paths_davit());
	strv_add(&argv, command);
	for (int i = 0; i < words && call->argv[i]; i++)
		strv_add(&argv, call->argv[i]);
	plugin_hook_environment(&env);

	struct proc p = { .argv = strv_const(&argv),
			  .env = strv_const(&env),
			  .cancel_fd = call->cancel_fd,
			  .on_line = take_line,
			  .ctx = call };

	if (proc_run(&p, &end, err) < 0)
		return -1;
	return end.code == 0 ? 0 : err_exit(err, end.code);
}

int query_on_command(const struct plugin *self, struct trigger_call *call,
		     struct err *err)
{
	(void)self;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (commands[i].id == call->id)
			return run(call, commands[i].command, commands[i].words, err);
	return TRIGGER_DECLINED;
}
