/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/dispatch.h"
#include "plugins/shell/shell.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"
#include "util/proc.h"
#include "util/words.h"

/* The caller is handed on in the environment, and every line is checked as if it had come
 * alone. */
static int run_line(struct request *req, struct strv *words, bool tty, struct err *err)
{
	AUTO_FREE char *davit = paths_davit();
	struct proc p = { .env = (const char *const *)environ,
			  .flags = PROC_STDOUT | PROC_STDERR | PROC_FOREGROUND |
				   (tty ? PROC_STDIN : 0u) };
	struct proc_end end;

	/* People type what they would type on the host. */
	if (strcmp(words->v[0], "davit") == 0 || strcmp(words->v[0], "dokku") == 0)
		strv_remove(words, 0);
	strv_insert(words, 0, davit);
	p.argv = strv_const(words);
	/* The child writes to the same stdout. */
	(void)out_flush(req->out);
	return proc_run(&p, &end, err);
}

/* False when that was the last line. */
static bool take_line(struct request *req, char *line, bool tty)
{
	AUTO(strv_release) struct strv words = STRV_INIT;
	struct err err = { .kind = ERR_NONE };

	line[strcspn(line, "\r\n")] = '\0';
	if (words_split(line, strlen(line), &words, &err) < 0) {
		dispatch_print_error(req->out, &err);
		return true;
	}
	if (words.len == 0)
		return true;
	if (strcmp(words.v[0], "exit") == 0 || strcmp(words.v[0], "quit") == 0)
		return false;
	if (run_line(req, &words, tty, &err) < 0)
		dispatch_print_error(req->out, &err);
	return true;
}

int shell_cmd_shell(struct request *req, struct err *err)
{
	AUTO_FREE char *line = NULL;
	bool tty = isatty(STDIN_FILENO);
	size_t room = 0;

	(void)err;
	/* ^C ends the command that runs, not the shell. */
	(void)signal(SIGINT, SIG_IGN);
	for (;;) {
		if (tty)
			out_bytes(req->out, "davit> ", 7);
		(void)out_flush(req->out);
		if (getline(&line, &room, stdin) < 0 || !take_line(req, line, tty))
			return 0;
	}
}
