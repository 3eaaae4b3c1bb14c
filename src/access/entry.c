/* SPDX-License-Identifier: MIT */
#include "access/entry.h"

#include <stdlib.h>
#include <string.h>

#include "access/caller.h"
#include "command/dispatch.h"
#include "util/cleanup.h"
#include "util/words.h"

static int open_ssh(struct entry *e, const char *key_id, struct err *err)
{
	const char *command = getenv("SSH_ORIGINAL_COMMAND");

	if (command && words_split(command, strlen(command), &e->words, err) < 0)
		return -1;
	(void)unsetenv("SSH_ORIGINAL_COMMAND");
	/* "ssh davit@host -- apps:list": some clients send the dashes along. */
	if (e->words.len && strcmp(e->words.v[0], "--") == 0)
		strv_remove(&e->words, 0);
	return caller_of_key(key_id, &e->caller, err);
}

int entry_open(struct entry *e, int argc, char *const *argv, struct err *err)
{
	if (argc > 1 && strcmp(argv[1], "ssh-entry") == 0) {
		if (argc != 4 || strcmp(argv[2], "--key") != 0)
			return err_set(err, ERR_USAGE,
				       "ssh-entry is for lines of authorized_keys");
		if (open_ssh(e, argv[3], err) < 0)
			return -1;
	} else {
		caller_of_user(&e->caller);
		for (int i = 1; i < argc; i++)
			strv_add(&e->words, argv[i]);
	}
	caller_export(&e->caller);
	strv_add(&e->self, argc > 0 ? argv[0] : "davit");
	strv_foreach(word, &e->words)
		strv_add(&e->self, word);
	return 0;
}

void entry_release(struct entry *e)
{
	strv_release(&e->words);
	strv_release(&e->self);
}

int access_main(int argc, char **argv)
{
	AUTO(entry_release) struct entry e = ENTRY_INIT;
	struct out out = { .quiet = false };
	struct err err = { .kind = ERR_NONE };

	if (entry_open(&e, argc, argv, &err) < 0) {
		dispatch_print_error(&out, &err);
		return err_exit_status(&err);
	}
	return dispatch(&e.caller, strv_const(&e.words), e.self.v);
}
