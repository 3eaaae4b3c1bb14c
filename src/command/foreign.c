/* SPDX-License-Identifier: MIT */
#include "command/foreign.h"

#include <string.h>

#include "command/rights.h"
#include "plugin/exec.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* What a `commands` file answers for a word that is not its own. */
#define NOT_MINE 10

static int ended(int status, struct err *err)
{
	if (status < 0)
		return -1;
	return status == 0 ? 0 : err_exit(err, status);
}

/* "postgres:create" is the file subcommands/create of the plugin postgres. */
static char *subcommand_of(const struct plugin *p, const char *word)
{
	const char *colon = strchr(word, ':');
	size_t n = colon ? (size_t)(colon - word) : strlen(word);
	char *file;

	if (strlen(p->name) != n || strncmp(p->name, word, n) != 0)
		return NULL;
	file = xasprintf("subcommands/%s", colon ? colon + 1 : "default");
	if (!strstr(file, "..") && exec_listens(p, file))
		return file;
	free(file);
	return NULL;
}

bool foreign_may_know(const struct request *req, const char *word)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	/* Their own checks decide about apps; who may run them is an admin's matter. */
	if (!rights_allow_foreign(req, word))
		return false;
	for (size_t i = 0; i < count; i++) {
		AUTO_FREE char *file = NULL;

		if (!all[i]->dir)
			continue;
		file = subcommand_of(all[i], word);
		if (file || exec_listens(all[i], "commands"))
			return true;
	}
	return false;
}

int foreign_command(const char *const *words, struct err *err)
{
	size_t count;
	const struct plugin *const *all = plugin_all(&count);

	for (size_t i = 0; i < count; i++) {
		AUTO_FREE char *file = NULL;

		if (!all[i]->dir)
			continue;
		file = subcommand_of(all[i], words[0]);
		if (!file)
			continue;
		return ended(exec_foreground(all[i], file, words, err), err);
	}
	for (size_t i = 0; i < count; i++) {
		int status;

		if (!all[i]->dir || !exec_listens(all[i], "commands"))
			continue;
		status = exec_foreground(all[i], "commands", words, err);
		if (status != NOT_MINE)
			return ended(status, err);
	}
	return FOREIGN_UNKNOWN;
}
