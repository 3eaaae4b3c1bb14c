/* SPDX-License-Identifier: MIT */
/* Commands of third-party plugins: their subcommands/ files and their `commands` file. */
#ifndef DAVIT_COMMAND_FOREIGN_H
#define DAVIT_COMMAND_FOREIGN_H

#include "command/request.h"

enum { FOREIGN_UNKNOWN = 1 };

/* Is there a plugin that may know this word, and may this caller ask?  Nothing is run. */
bool foreign_may_know(const struct request *req, const char *word);

/* As the store's owner.  0; -1 with ERR_EXIT and the plugin's status; FOREIGN_UNKNOWN: no plugin knows it. */
int foreign_command(const char *const *words, struct err *err);

#endif
