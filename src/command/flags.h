/* SPDX-License-Identifier: MIT */
/* Words of a command line against the flags that its row declares. */
#ifndef DAVIT_COMMAND_FLAGS_H
#define DAVIT_COMMAND_FLAGS_H

#include "command/command.h"

/* Flags that work with every command, wherever they stand. */
struct global_flags {
	bool quiet;
	bool trace;
	bool force;
	bool help;
	bool version;
	const char *app; /* --app NAME, or NULL */
};

/*
 * Take the leading flags off `words`: those before the command's name.  Returns how many
 * words they take, or -1.
 */
int flags_leading(const char *const *words, struct global_flags *g, struct err *err);

/*
 * Sort the words after a command's name into req->flags, req->words and *g by the row
 * `req->command`.  An unknown flag is ERR_FLAG, with the flags that there are as hint.
 */
int flags_parse(struct request *req, const char *const *words, struct global_flags *g,
		struct err *err);

#endif
